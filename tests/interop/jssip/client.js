// JsSIP in Node, for websocket.t.  client.js URL AOR TARGET [register]: registers,
// if it is to, then asks TARGET for its OPTIONS and says what came of each.
'use strict';
global.WebSocket = require('ws');
const JsSIP = require('jssip');

const [url, aor, target, register] = process.argv.slice(2);
const ua = new JsSIP.UA({
  sockets: [new JsSIP.WebSocketInterface(url)],
  uri: aor,
  register: register === 'register',
  session_timers: false,
});

function end(status, ...words) {
  console.log(...words);
  ua.stop(); // unregisters
  setTimeout(() => process.exit(status), 300);
}

function ask() {
  ua.sendOptions(target, null, {
    eventHandlers: {
      succeeded: (e) => end(0, 'options', e.response.status_code),
      failed: (e) => end(1, 'options failed', e.cause),
    },
  });
}

ua.on('connected', () => {
  console.log('connected');
  if (register !== 'register') ask();
});
ua.on('registered', () => {
  console.log('registered');
  ask();
});
ua.on('registrationFailed', (e) => end(1, 'not registered', e.cause));
setTimeout(() => end(1, 'late'), 8000);
ua.start();
