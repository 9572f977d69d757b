/* SPDX-License-Identifier: BSD-2-Clause
 * client/parley.h - the stable interface: all that libparley shows.
 *
 * A struct parley is one user agent: its accounts, registrations and
 * sessions.  It shares nothing with another in the same process.
 *
 * Threads: every function is called on the thread that runs the agent, from
 * the application's own code or from its callbacks, parley_post alone
 * excepted.  That is the thread of parley_new, until another one enters
 * parley_run, _step, _dispatch or _poll_set, or parley_free: it takes the agent
 * over, which fits only while no turn is under way and after the application
 * saw to it that the former thread is done.  Builds with PARLEY_TRAP (make
 * TRAP=1) say which call broke that rule, on standard error, and trap.  After
 * fork(2) the agent is the parent's: the child may only exec or _exit.
 *
 * Callbacks: on_event and what parley_post hands over run from parley_run,
 * parley_step or parley_dispatch with no other function of the library on the
 * stack, so they may call anything, parley_free included, but for these three
 * (see there).  on_log may call nothing of the library.  No other function
 * calls back.
 *
 * Handles: accounts, sessions and streams are numbers > 0 that are never
 * given twice; one whose object is gone answers -ENOENT.  A session ends with
 * PARLEY_EV_ENDED and is gone when that callback returns; a stream goes with
 * its session at the latest.
 *
 * Errors: 0 or a count, or a negative errno: then nothing has changed.
 * -ENOENT no such object, -EINVAL an argument makes no sense, -EBADMSG text
 * that does not parse, -ERANGE a setting out of its range, -EALREADY the
 * object's state does not fit or not any more, -EINPROGRESS not yet (see "What
 * fits when"), -ENOMEM (config.memory
 * included), -ENOTSUP left out of this build, or what the system says of a
 * socket or a file (-EADDRINUSE, -EMFILE).  parley_error says more, in one
 * line.
 *
 * Text in and out is UTF-8 with a NUL; the library copies what it keeps.  What
 * a peer sent comes without control characters, cut where it is too long.
 * Pointers are not NULL unless it says so here; an array of no elements may
 * be.  Times are in milliseconds unless their name says otherwise.
 *
 * Signals: none is used or changed.  Sockets raise no SIGPIPE; a trace or
 * recording that goes into a pipe may.
 */
#ifndef PARLEY_H
#define PARLEY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PARLEY_API __attribute__((visibility("default")))
#define PARLEY_MUST_USE __attribute__((warn_unused_result))

/* Of this header; parley_version() tells the library's. */
#define PARLEY_VERSION_MAJOR 0
#define PARLEY_VERSION_MINOR 1
#define PARLEY_VERSION_PATCH 0
#define PARLEY_VERSION "0.1.0"

struct parley;       /* a user agent */
struct parley_event; /* valid until on_event returns */

/* ------------------------------------------------------------------ life */
struct parley_config {
	/* sizeof(struct parley_config): lets the struct grow.  What a shorter
	 * one lacks is 0, what a longer one has more is not looked at. */
	size_t size;
	/* Address and port to take calls on: "0.0.0.0:5060", "[::]:0" ...
	 * NULL: 0.0.0.0 and any free port, unless locals has some.  Both UDP
	 * and TCP listen there, unless one is turned off; without both TLS
	 * takes their place (no_tls), without all three: -EINVAL. */
	const char *local;
	bool no_udp, no_tcp;
	/* Bytes the agent may allocate, codecs apart; 0: 64 MB.  It needs 0.8
	 * MB for itself and a first call, most of which is room to receive in
	 * that is not touched before it is used.  An eighth is for what runs:
	 * when no more is left, or half of all is held for requests that are
	 * not answered and messages that are not whole, who calls anew gets
	 * 503.  When it is used up, what is asked for fails with -ENOMEM.  What
	 * calls took is given back to the system from the loop now and then,
	 * where the C library is glibc by malloc_trim: milliseconds, if the
	 * application's own heap is large. */
	size_t memory;
	void (*on_event)(void *app, const struct parley_event *ev);
	void *app;
	/* What the library has to say, a line at a time without its end, level
	 * 0 (error) to 3 (debug), no more than "agent.log" asks for, from
	 * within any function; NULL: silence. */
	void (*on_log)(void *app, int level, const char *line);
	/* A pcapng file of all that crosses the wire, replaced; NULL: none.
	 * Whole when the agent is freed.  A full disk ends it (on_log). */
	const char *trace;
	/* Why parley_new failed, in one line of at most error_cap bytes, NUL
	 * included; empty when it did not.  NULL: not wanted. */
	char *error;
	size_t error_cap;
	/* More addresses like local, PARLEY_LOCALS with it at most (-EINVAL),
	 * of either family.  A request goes out from one of the family that
	 * its target has, and of several from the one that the system's route
	 * there takes; a target that has both families is tried in the order
	 * in which they were found.  Calls are answered from where they came
	 * in. */
	const char *const *locals;
	size_t locals_n;
	/* Files (PEM or DER) of a certificate and its key: with them TLS
	 * listens at each address too, at the next port (5061 beside 5060), or
	 * where local's is 0 at any free one.  Who connects has to show a
	 * certificate that tls_ca believes; NULL: need not.  Without them, and
	 * without no_tls, requests go out by TLS all the same, by the accounts'
	 * tls.* settings.  -EINVAL: they do not fit together (on_log tells
	 * why); those of open(2). */
	const char *tls_cert, *tls_key, *tls_ca;
	bool no_tls;
	/* WebSocket (RFC 7118) listens at each address too, at ws_port, and
	 * with tls_cert secure WebSocket at wss_port; -1: at any free one; 0:
	 * not.  Requests go out by them all the same. */
	int ws_port, wss_port;
	/* The trace shows TLS as it crosses the wire, with the secrets of each
	 * connection (as a decryption secrets block), so that Wireshark
	 * decrypts it, and whoever else reads the file.  Without it what TLS
	 * carries stands in the trace in clear, as if it were TCP. */
	bool trace_keys;
};
enum { PARLEY_LOCALS = 8 };

/* -EINVAL (error is not looked at where size is not set), -EBADMSG local, or
 * one of locals, is no address with a port, -EADDRINUSE, -EADDRNOTAVAIL,
 * -EMFILE, -ENOMEM, those of open(2) for the trace. */
PARLEY_API PARLEY_MUST_USE int parley_new(const struct parley_config *config,
					  struct parley **out);
/* Ends at once, without BYE: end sessions first (parley_shutdown).  From a
 * callback: p makes no event any more, and is gone (on_log may be called until
 * then) when parley_run, _step or _dispatch has returned.  NULL is ignored. */
PARLEY_API void parley_free(struct parley *p);
/* Ends every session and registration in order; PARLEY_EV_SHUTDOWN follows
 * when the last is over, those included whose caller has not acknowledged yet
 * that it was refused, or after timeout_ms (< 0: 3 s): sessions that were
 * still waiting for their peer then have had their PARLEY_EV_ENDED.  Calls and
 * registrations after it: -EALREADY; incoming calls: 480. */
PARLEY_API void parley_shutdown(struct parley *p, int64_t timeout_ms);
PARLEY_API const char *parley_version(void);
/* The last failure's reason, "" when there is none; until the next call.  Not
 * of parley_post and parley_step. */
PARLEY_API const char *parley_error(const struct parley *p);

/* ------------------------------------------------------------------ loop */
/* Turns do not nest: within a callback parley_run and parley_dispatch do
 * nothing, and parley_step says -EBUSY. */
PARLEY_API void parley_run(struct parley *p); /* until parley_stop */
/* Before parley_run: that returns at once. */
PARLEY_API void parley_stop(struct parley *p);
/* One turn, which waits at most max_wait_ms (< 0: no bound).  How many things
 * happened, maybe 0, or a negative errno. */
PARLEY_API int parley_step(struct parley *p, int64_t max_wait_ms);
/* fn(arg) on the agent's thread, in the order posted, never from within this
 * call.  The only call for other threads, and for signal handlers; p must not
 * be freed meanwhile.  -ENOMEM: some thousands are waiting.  What still waits
 * when p is freed is not called. */
PARLEY_API PARLEY_MUST_USE int parley_post(struct parley *p,
					   void (*fn)(void *arg), void *arg);

/* fn(arg) from the loop, as on_event is called, once, after ms; *timer is a
 * number > 0 that is never given twice.  Stopped, or freed with p: not called.
 * _stop: -ENOENT when it was called already. */
PARLEY_API PARLEY_MUST_USE int
parley_timer_start(struct parley *p, int64_t ms, void (*fn)(void *arg),
		   void *arg, uint32_t *timer);
PARLEY_API PARLEY_MUST_USE int parley_timer_stop(struct parley *p,
						 uint32_t timer);

/* In a loop of the application's: wait for these, at most *timeout_ms (-1: no
 * bound), then hand the same array back with got filled in, also when the time
 * is over.  Asked anew before each wait: any call may change both.  Returns
 * how many there are, maybe more than cap. */
enum { PARLEY_READ = 1, PARLEY_WRITE = 2 };
struct parley_fd {
	int fd;
	unsigned want, got;
};
PARLEY_API size_t parley_poll_set(struct parley *p, struct parley_fd *fds,
				  size_t cap, int64_t *timeout_ms);
PARLEY_API void parley_dispatch(struct parley *p, const struct parley_fd *fds,
				size_t n);

/* -------------------------------------------------------------- settings */
/* owner is 0 for the agent, or an account.  One table describes them all.
 * Those there are, as rows of the table, first of the agent, then of an account
 * (key, type, default, help; more in parley_setting_at):
 *
 *	agent.name           text   parley      what User-Agent and Server say;
 *	                                        empty: nothing
 *	rtp.ports            text   16384-32767 UDP ports for media, LOW-HIGH
 *	rtp.jitter_min       int    20          least delay of the jitter
 *	                                        buffer, ms
 *	rtp.jitter_max       int    400         most delay of it, ms
 *	agent.sessions       int    240         sessions at a time; then 503
 *	agent.unacked        int    224         calls answered without an ACK
 *	                                        yet; then 503
 *	agent.late_ms        int    100         calls get 503 while the media
 *	                                        clock is later than that, ms;
 *	                                        0: never
 *	agent.tcp_source     int    0           connections of one IPv4 address
 *	                                        or IPv6 /64; 0: half of all
 *	sip.target_timeout   int    4           seconds that an address may be
 *	                                        silent while a request has
 *	                                        another one to go to
 *	dns.servers          list   ""          name servers to ask, ADDR:PORT,
 *	                                        8 at most; empty: the host's
 *	net.watch            bool   true        registrations and calls move
 *	                                        along when this host's
 *	                                        addresses change
 *	net.quiet            int    100         ms without a further change
 *	                                        until they do
 *	net.poll             int    5           seconds between looks where the
 *	                                        system does not tell
 *	rtp.dscp             int    46          DiffServ code point of media
 *	                                        packets
 *	rtp.timeout          int    30          seconds of silence after which
 *	                                        the call ends, or, of a peer
 *	                                        never heard, sending; 0: never
 *	rtp.unproven_ms      int    4000        how long a call that came in
 *	                                        sends to where nobody was shown
 *	                                        to be, ms
 *	rtp.unproven_bytes   int    40000       how much it sends there
 *	rtp.closed_network   bool   false       media goes wherever a peer
 *	                                        says, proved or not
 *	agent.log            int    1           most that on_log is told, 0 to
 *	                                        3
 *	agent.unknown        bool   true        the first account takes calls
 *	                                        for unknown users
 *	agent.instance       text   ""          URN of this device,
 *	                                        urn:uuid:...; empty: another
 *	                                        each time
 *
 *	account.display_name text   ""          shown to those who are called
 *	auth.username        text   ""          for digest; empty: the user
 *	                                        part of the address
 *	auth.password        secret ""          for digest
 *	auth.realm           text   ""          where the password is for;
 *	                                        empty: wherever we register or
 *	                                        call
 *	auth.algorithms      list   SHA-512-256,SHA-256,MD5
 *	                                        digest algorithms that are
 *	                                        answered, the best first
 *	auth.require_qop     bool   false       a challenge without qop (RFC
 *	                                        2069) is not answered
 *	sip.registrar        text   ""          URI to register at; empty: the
 *	                                        address's domain
 *	sip.outbound_proxy   text   ""          URI that registering and
 *	                                        calling go through, as a Route
 *	sip.ws_path          text   /           path of the URL that a WebSocket
 *	                                        is asked for at (RFC 7118)
 *	sip.transport        choice auto        transport where the URI names
 *	                                        none
 *	sip.expires          int    3600        seconds that a registration is
 *	                                        asked for
 *	sip.outbound         bool   true        registrations ask to be kept as
 *	                                        flows (RFC 5626)
 *	sip.nat_contact      bool   true        the registered Contact is where
 *	                                        the registrar has seen us
 *	sip.gruu             choice none        which GRUU (RFC 5627) is the
 *	                                        Contact of calls
 *	sip.redirects        int    0           how many URIs that a 3xx names a
 *	                                        call goes to, and 3xx in a row a
 *	                                        registration follows
 *	sip.privacy          list   ""          Privacy of calls (RFC 3323);
 *	                                        then From is anonymous
 *	sip.identity         text   ""          P-Preferred-Identity (RFC 3325)
 *	                                        of calls by a proxy; empty: of
 *	                                        anonymous ones, the address
 *	session.ring_timeout int    180         seconds until an unanswered
 *	                                        call ends; 0: never
 *	session.ready_timeout int   10          seconds until a stream that is
 *	                                        not ready to be described is
 *	                                        given up
 *	session.calls        int    240         calls of the account at a time;
 *	                                        then 486
 *	session.streams      int    4           streams that a peer may have in
 *	                                        a call
 *	rtp.codecs           list   opus,PCMU,PCMA
 *	                                        audio codecs in order of
 *	                                        preference; empty: all there
 *	                                        are
 *	rtp.ptime            int    20          milliseconds of audio in a
 *	                                        packet sent
 *	rtp.dtmf             choice auto        digits as telephone-event, as
 *	                                        tones, or as the peer can
 *	rtp.external         text   ""          ADDR:PORT of a media engine
 *	                                        elsewhere: no media is run
 *	                                        here
 *	tls.ca               text   ""          file of the certificates that
 *	                                        are believed; empty: the host's
 *	                                        usual bundle
 *	tls.crl              text   ""          file of revocation lists
 *	tls.cert             text   ""          file of our certificate, for
 *	                                        servers that ask for one
 *	tls.key              text   ""          file of its key
 *	tls.verify           bool   true        false: anybody is believed to
 *	                                        be the server
 *	tls.name             text   ""          name that its certificate has
 *	                                        to have; empty: the URI's
 *	                                        domain */
enum parley_setting_type { PARLEY_BOOL, PARLEY_INT, PARLEY_TEXT, PARLEY_LIST,
			   PARLEY_CHOICE,
			   PARLEY_SECRET /* text not to be shown; wiped when it
					  * is replaced or freed */ };
struct parley_setting {
	const char *key;      /* "rtp.ports" */
	enum parley_setting_type type;
	bool of_account;      /* else of the agent */
	int64_t min, max;     /* PARLEY_INT; bytes of _TEXT, _LIST, _SECRET */
	const char *choices;  /* PARLEY_CHOICE: "udp tcp" */
	const char *initial;  /* default, as text */
	const char *help;
};
/* The i-th row, NULL behind the last. */
PARLEY_API const struct parley_setting *parley_setting_at(size_t i);
/* -EINVAL: owner has no such setting, or this build no such codec; -EBADMSG:
 * value has another form; -ERANGE: the number is out of range, the text too
 * long. */
PARLEY_API PARLEY_MUST_USE int parley_set(struct parley *p, uint32_t owner,
					  const char *key, const char *value);
/* Copies the value with a NUL; -ENOSPC.  Returns its length.  Values are text
 * of any type: "true" or "false", digits, one of the choices; units stand in
 * help.  The default is always a good value. */
PARLEY_API PARLEY_MUST_USE int parley_get(struct parley *p, uint32_t owner,
					  const char *key, char *out,
					  size_t cap);

/* -------------------------------------------------------------- accounts */
/* aor: "sip:alice@example.com", or with a display name "Alice <sip:...>".  ";",
 * "," and "?" of a bare URI are its own: "sip:+1555;postd=22@example.com". */
PARLEY_API PARLEY_MUST_USE int parley_account_add(struct parley *p,
						  const char *aor,
						  uint32_t *account);
/* -EALREADY: it is registered or has sessions. */
PARLEY_API PARLEY_MUST_USE int parley_account_remove(struct parley *p,
						     uint32_t account);
/* Without a registrar: the agent is published on its link by multicast DNS
 * (RFC 6762, 6763; _sipuri._udp and _sipuri._tcp, as the SIP SIMPLE SDK does
 * it), as an account of its own, *account, which calls out and takes those that
 * come in; and its neighbours are told of (PARLEY_EV_NEIGHBOUR_*), those that
 * publish _sip._udp or _sip._tcp included: parley_call with a neighbour's uri
 * calls it.  With an empty name nothing is published, and *account is 0.  Once
 * an agent, until its account is removed or the agent shuts down, which says
 * goodbye: -EALREADY.  -EINVAL a text is longer than 127 bytes (instance_id
 * 63).  Addresses of the host that change are followed. */
struct parley_bonjour {
	size_t size;             /* set by the caller: sizeof */
	const char *name;        /* shown to neighbours; "": see above */
	const char *instance_id; /* the same after each start; NULL: random */
	const char *state, *note; /* "available", "busy" ...; "" */
};
PARLEY_API PARLEY_MUST_USE int
parley_bonjour(struct parley *p, const struct parley_bonjour *options,
	       uint32_t *account);
/* Another state and note are announced.  -ENOENT: nothing is published. */
PARLEY_API PARLEY_MUST_USE int parley_bonjour_status(struct parley *p,
						     const char *state,
						     const char *note);
/* Registers now and keeps it fresh, until _unregister; events tell how it
 * goes.  When sip.registrar, _outbound_proxy, _transport or _expires are set
 * meanwhile, it is taken back where it was and made anew. */
PARLEY_API PARLEY_MUST_USE int parley_register(struct parley *p,
					       uint32_t account);
PARLEY_API PARLEY_MUST_USE int parley_unregister(struct parley *p,
						 uint32_t account);

/* A pointer of the application's for an account, session or stream: NULL at
 * first, and of objects that are gone; a session keeps it to the end of
 * PARLEY_EV_ENDED.  object 0: config.app.  -ENOENT. */
PARLEY_API PARLEY_MUST_USE int parley_set_app(struct parley *p,
					      uint32_t object, void *app);
PARLEY_API void *parley_app(struct parley *p, uint32_t object);

/* -------------------------------------------------------------- sessions */
enum parley_media { PARLEY_AUDIO = 1 }; /* later: video, chat, file, screen */
enum parley_direction { PARLEY_INACTIVE = 0, PARLEY_SENDONLY = 1,
			PARLEY_RECVONLY = 2, PARLEY_SENDRECV = 3 };

/* What fits when.  The states of a session, and what a call of it answers:
 * "." 0, A -EALREADY, P -EINPROGRESS.
 *
 *	                    ring    reject        hold,   dtmf  mute,
 *	                    accept         end    stream_       audio
 *	calling             A       A      .      P       P     .
 *	incoming            .       .      .      P       P     .
 *	accepted by us *    A       A      .      P       P     .
 *	up                  A       A      .      .       .     .
 *	rejected, ending    A       A      A      A       A     A
 *	ended               A       A      A      A       A     A
 *
 * (* until its streams are ready to be described, which for audio is not even a
 * turn of the loop.)  Ending is a
 * session from parley_end, parley_reject or parley_shutdown on, or from when
 * something broke; ended, whoever ended it, while its PARLEY_EV_ENDED is due
 * or its callback runs.  An incoming session may have ended, by CANCEL,
 * before PARLEY_EV_INCOMING is told.  Proposals need a session that is up
 * (else as hold), and then:
 *
 *	                       propose  _cancel  proposal_accept,  stream_add,
 *	                                         proposal_reject   _remove
 *	nothing is proposed    A        A        A                 .
 *	streams were added or
 *	removed since          .        A        A                 .
 *	ours is out            A        .        A                 A
 *	ours waits its turn    as above .        A                 .
 *	the peer's is asked    as above A        .                 .
 *	... and was answered   as above A        A                 .
 *
 * What is asked for and fits is carried out as the state then allows: hold,
 * say, waits for the end of another change.  The code of PARLEY_EV_ENDED is
 * that of the final response which was sent or received. */

/* Calls uri with n streams of these kinds (NULL, 0: one audio stream).  uri may
 * be short, "192.0.2.1:5060", "bob@192.0.2.1", or "bob" at the account's
 * domain, and is taken out of a name and brackets, "Bob <sip:...>", as events
 * give it.  What becomes of it is told by events, PARLEY_EV_ENDED being the
 * last; that it cannot be sent, too.  -EBADMSG uri is no SIP URI. */
PARLEY_API PARLEY_MUST_USE int
parley_call(struct parley *p, uint32_t account, const char *uri,
	    const enum parley_media *media, size_t n, uint32_t *session);

/* A header field: "P-Preferred-Identity", "<sip:alice@example.com>". */
struct parley_header {
	const char *name, *value;
};
struct parley_call_options {
	size_t size; /* sizeof(struct parley_call_options), as in config */
	const enum parley_media *media; /* as in parley_call */
	size_t media_n;
	/* What the INVITE says beside what the library writes, in this order,
	 * when it is sent again with credentials as well. */
	const struct parley_header *headers;
	size_t headers_n;
};
/* The same with options (NULL: none).  -EBADMSG, too: a name is no token, or a
 * value no text in one line; -EINVAL: more than 16 headers or 2048 bytes of
 * them (a NUL after each name and value included), or one that is the
 * library's, in whatever form: Via, From, To, Call-ID, CSeq, Contact,
 * Max-Forwards, Route, Record-Route, Content-*, Authorization,
 * Proxy-Authorization, Supported, Require, Allow, User-Agent, Expires. */
PARLEY_API PARLEY_MUST_USE int
parley_call_with(struct parley *p, uint32_t account, const char *uri,
		 const struct parley_call_options *options, uint32_t *session);
/* An incoming session: 180, again as often as wanted.  What is not accepted or
 * rejected within "session.ring_timeout" ends with 480. */
PARLEY_API PARLEY_MUST_USE int parley_ring(struct parley *p, uint32_t session);
/* 200, taking every offered stream that this build and the account's settings
 * can take and that ports are left for, or those of them that streams names
 * (n > 0).  488 or 503 when that is none. */
PARLEY_API PARLEY_MUST_USE int parley_accept(struct parley *p,
					     uint32_t session,
					     const uint32_t *streams, size_t n);
/* 300..699; contact, which may be NULL, for 3xx. */
PARLEY_API PARLEY_MUST_USE int parley_reject(struct parley *p,
					     uint32_t session, int code,
					     const char *contact);
/* CANCEL, BYE or 480, whatever the state asks for; PARLEY_EV_ENDED follows.
 * -EALREADY: it does without. */
PARLEY_API PARLEY_MUST_USE int parley_end(struct parley *p, uint32_t session);
PARLEY_API PARLEY_MUST_USE int parley_hold(struct parley *p, uint32_t session,
					   bool hold);

/* Streams are added and removed by a proposal: any number of changes, then
 * parley_propose sends them as one re-INVITE.  PARLEY_EV_PROPOSAL_ANSWERED
 * tells what became of each. */
PARLEY_API PARLEY_MUST_USE int parley_stream_add(struct parley *p,
						 uint32_t session,
						 enum parley_media media,
						 uint32_t *stream);
PARLEY_API PARLEY_MUST_USE int parley_stream_remove(struct parley *p,
						    uint32_t stream);
PARLEY_API PARLEY_MUST_USE int parley_propose(struct parley *p,
					      uint32_t session);
/* Takes a proposal of ours back: CANCEL. */
PARLEY_API PARLEY_MUST_USE int parley_propose_cancel(struct parley *p,
						     uint32_t session);
/* Answers PARLEY_EV_PROPOSED: the offered additions that are named (n 0: all),
 * or none of them: 488. */
PARLEY_API PARLEY_MUST_USE int
parley_proposal_accept(struct parley *p, uint32_t session,
		       const uint32_t *streams, size_t n);
PARLEY_API PARLEY_MUST_USE int parley_proposal_reject(struct parley *p,
						      uint32_t session);

/* The session's streams in the order of their m= lines, ended ones left out;
 * returns how many there are. */
PARLEY_API size_t parley_streams(struct parley *p, uint32_t session,
				 uint32_t *out, size_t cap);

/* ----------------------------------------------------------------- audio */
/* Digits 0-9 * # A-D, "," a pause of 500 ms; RFC 4733, else tones.  They
 * queue, and wait while either side holds the call: -ENOSPC when there are more
 * than 64, -EINPROGRESS before audio runs.  All are sent or none. */
PARLEY_API PARLEY_MUST_USE int parley_dtmf(struct parley *p, uint32_t session,
					   const char *digits);
PARLEY_API PARLEY_MUST_USE int parley_mute(struct parley *p, uint32_t session,
					   bool mute);
/* What a session's audio streams send and where what they receive goes, later
 * ones included: they share one source and one sink.  object is the session,
 * or one of its streams.
 *   source: "null" silence, "echo" what is received, "tone:HZ",
 *           "file:PATH.wav" in a loop, "once:PATH.wav" once and then
 *           silence, "device" or "device:NAME"
 *   sink:   "null", "file:PATH.wav", "device" or "device:NAME"
 * NULL leaves it as it is.  Source and sink are one device (-EINVAL).  A file
 * that cannot be read or written and a device that is not there fail here, for
 * which object 0 asks alone; what fails later, a device that is busy then
 * included, is told by PARLEY_EV_MEDIA_FAILED, and the call goes on.
 * What is played once waits for the answer, and while either side holds the
 * call; muted it goes on unheard.  A new agreement or codec goes on from where
 * it is; only parley_audio begins it anew.  Its end is PARLEY_EV_PLAYED, unless
 * it was replaced, or failed, or the call ended before. */
PARLEY_API PARLEY_MUST_USE int parley_audio(struct parley *p, uint32_t object,
					    const char *source,
					    const char *sink);

/* PCM of the application's own, as source or sink of a session beside those
 * above: an own device, an IVR, a bridge.  16 bit, mono, in the machine's
 * octet order, in quanta of 10 ms: n is rate / 100 samples.  Both are called
 * every 10 ms of the session's clock (its device's, else the agent's) while
 * its media runs, on the agent's thread, and may call nothing of the library
 * but parley_post; who has another clock buffers between the two. */
struct parley_pcm {
	size_t size;   /* sizeof(struct parley_pcm) */
	unsigned rate; /* 8000 to 48000 Hz, a multiple of 100; what differs
			* from the codec's is resampled */
	/* Fills in what is sent; false: silence.  NULL: the source stays what
	 * it is. */
	bool (*source)(void *arg, int16_t *pcm, size_t n);
	/* Takes what is heard; pcm NULL: silence.  NULL: the sink stays. */
	void (*sink)(void *arg, const int16_t *pcm, size_t n);
	void *arg;
};
/* parley_audio puts something else in its place; never called any more after
 * that, nor from PARLEY_EV_ENDED on.  -EINVAL: rate, or nothing to call. */
PARLEY_API PARLEY_MUST_USE int
parley_audio_pcm(struct parley *p, uint32_t session,
		 const struct parley_pcm *pcm);

struct parley_stats {
	size_t size;             /* set by the caller: sizeof */
	enum parley_media media;
	enum parley_direction direction;
	char codec[32];          /* "opus/48000/2"; "" before it is known */
	char security[16];       /* "none" */
	char remote[72];         /* "192.0.2.1:4000" */
	uint64_t packets_sent, packets_received, packets_lost;
	uint64_t bytes_sent, bytes_received;
	uint64_t packets_late, packets_duplicate, packets_reordered;
	double jitter_ms, rtt_ms;   /* rtt_ms < 0: not known */
	double delay_ms;            /* of the jitter buffer now */
	double mos;                 /* 1.0..4.5, ITU-T G.107; 0: not known */
	/* mos and loss_percent are of the time since our own hold ended, if
	 * there was one; what a peer counted in it and did not send is not in
	 * packets_lost. */
	double level_in, level_out; /* dBov, -127..0: received, sent, since
				     * they were asked for last */
	double loss_percent; /* late ones included */
	bool waiting; /* nothing is sent: PARLEY_EV_SENDING_STOPPED */
	char digits_as[8]; /* how digits are sent: "events" of RFC 4733, or
			    * "tones" where the peer takes none; "" before it
			    * is known */
};
PARLEY_API PARLEY_MUST_USE int parley_stream_stats(struct parley *p,
						   uint32_t stream,
						   struct parley_stats *out);

struct parley_session_info {
	size_t size;
	bool incoming, answered, held_here, held_there, ended;
	int code;           /* final status, 0 before it or without one */
	int64_t setup_ms;   /* from INVITE to 200; -1 before it */
	int64_t duration_ms; /* since the answer, or in all */
	uint32_t account;
	char local[128], remote[128]; /* as parley_event_from and _to */
};
PARLEY_API PARLEY_MUST_USE int
parley_session_get(struct parley *p, uint32_t session,
		   struct parley_session_info *out);

/* ---------------------------------------------------------------- events */
/* In the order in which things happened, as far as they concern one session.
 * What is of a state only is told as it is in the end, when several changes of
 * it came in one turn of the loop (held and resumed at once, say). */
enum parley_event_kind {
	PARLEY_EV_REGISTERED = 1,  /* account, code, ms: until it expires */
	PARLEY_EV_UNREGISTERED,    /* account, code */
	PARLEY_EV_REGISTER_FAILED, /* account, code (0: nobody answered),
				    * reason; retried */
	PARLEY_EV_INCOMING,        /* session, account, from, to */
	PARLEY_EV_PROGRESS,        /* session, code, reason: a 1xx came; not
				    * told when the answer came with it */
	PARLEY_EV_EARLY_MEDIA,     /* session: media runs before the answer */
	PARLEY_EV_ANSWERED,        /* session, code */
	PARLEY_EV_CONFIRMED,       /* session: ACK sent or received */
	PARLEY_EV_PROPOSED,        /* session: the peer wants to add streams */
	PARLEY_EV_PROPOSAL_ANSWERED, /* session, code, reason: ours, that of
				      * parley_hold included */
	PARLEY_EV_STREAM_STARTED,  /* session, stream */
	PARLEY_EV_STREAM_ENDED,    /* session, stream, reason */
	PARLEY_EV_HELD,            /* session: by the peer */
	PARLEY_EV_RESUMED,         /* session: by the peer */
	PARLEY_EV_DTMF,            /* session, stream, digit, ms: duration;
				    * not before the peer's description */
	PARLEY_EV_MEDIA_FAILED,    /* session, stream, reason: file, device */
	PARLEY_EV_ENDED,           /* session, end_state, by_peer, code,
				    * reason: the last of a session, digits
				    * and what media had to say included */
	PARLEY_EV_SHUTDOWN,
	/* session, stream, reason: no media is sent any more, because the peer
	 * does not show that it is where it says (rtp.unproven_ms), was never
	 * heard (rtp.timeout), or does not take it (ICMP, RFC 8083); or because
	 * it named an address that is nobody's.  The call goes on, and what
	 * comes is heard. */
	PARLEY_EV_SENDING_STOPPED,
	PARLEY_EV_SENDING_RESUMED, /* session, stream: the peer was heard, or
				    * described itself anew */
	PARLEY_EV_REFUSED,         /* from, code, reason: a call that came in
				    * and was refused for what it asks for
				    * (415, 420 ...; 488: nothing that it
				    * offers can be taken by the account's
				    * settings as they are, and the reason is
				    * why), for its form (400, 505, 513; if
				    * it has a From), for its destination
				    * (404) or for want of room (486, 503):
				    * never a session */
	PARLEY_EV_PLAYED,          /* session, reason: the source, which was
				    * "once:PATH.wav", came to its end */
	PARLEY_EV_NETWORK,         /* reason, from, to: addresses of this host,
				    * before and now, "" for none.  Without
				    * session: the network has changed, or the
				    * host has slept, and what is affected
				    * moves along; with one: that call goes by
				    * the new one now, its media as well */
	PARLEY_EV_NEIGHBOUR_FOUND,   /* account, parley_event_neighbour */
	PARLEY_EV_NEIGHBOUR_CHANGED, /* the same: it says something else */
	PARLEY_EV_NEIGHBOUR_GONE,    /* the same, name and uri alone */
	PARLEY_EV_REDIRECTED       /* session, code, reason, to: whom it went to
				    * refused it so, or was silent (408), and
				    * it goes to this URI now, which a 3xx
				    * named (sip.redirects) */
};

enum parley_end_state {
	PARLEY_ENDED = 1, /* was answered, then ended by either side */
	PARLEY_FAILED,    /* never answered, or broke */
	PARLEY_CANCELLED  /* by the caller before the answer */
};

PARLEY_API enum parley_event_kind
parley_event_kind(const struct parley_event *ev);
PARLEY_API const char *parley_event_name(enum parley_event_kind kind);
/* 0, "" or -1 where the kind has no such thing.  What else they know: the
 * account, from and to of every event of a session as such, and in ms how long
 * its set-up took, once it is answered. */
PARLEY_API uint32_t parley_event_account(const struct parley_event *ev);
PARLEY_API uint32_t parley_event_session(const struct parley_event *ev);
PARLEY_API uint32_t parley_event_stream(const struct parley_event *ev);
PARLEY_API int parley_event_code(const struct parley_event *ev);
PARLEY_API const char *parley_event_reason(const struct parley_event *ev);
/* What a refusal warned of, "305 no codec in common": warn-code and text of its
 * first Warning (RFC 3261 20.43), with PARLEY_EV_ENDED and
 * PARLEY_EV_PROPOSAL_ANSWERED; else "". */
PARLEY_API const char *parley_event_warning(const struct parley_event *ev);
/* Who calls and who is called: ours as parley_account_add was given it, the
 * peer's as it was called, or as its From says, "Alice <sip:...>" or
 * "<sip:...>", without a tag.  Who a peer says to be is not proved. */
PARLEY_API const char *parley_event_from(const struct parley_event *ev);
PARLEY_API const char *parley_event_to(const struct parley_event *ev);
/* Of PARLEY_EV_INCOMING, as all text of an event until the callback returns:
 * the Request-URI as dialled ("" of other kinds), and the i-th field of that
 * name, full or compact, without case, uncut ("To" as dialled, "Call-ID",
 * "P-Asserted-Identity" ...); NULL behind the last.  A field may hold several
 * values.  Of PARLEY_EV_ENDED the fields of the response that refused a call of
 * ours ("Retry-After", "Reason" ...), if one did. */
PARLEY_API const char *
parley_event_request_uri(const struct parley_event *ev);
PARLEY_API const char *parley_event_header(const struct parley_event *ev,
					   const char *name, size_t i);
/* Whom else to call, by the 3xx that PARLEY_EV_ENDED tells: the i-th of its
 * Contacts (RFC 3261 8.1.3.4), the highest q first; of more than 16 the first.
 * Its URI is as the peer wrote it, of any scheme, maybe with headers to be
 * asked for.  A 305 names a proxy to go by.  0; -ENOENT: behind the last;
 * -ENOSPC: the URI is longer than there is room, and the rest is filled in. */
struct parley_contact {
	size_t size;     /* set by the caller: sizeof */
	char uri[512];
	int q;           /* 0 to 1000; 1000 where it does not say */
	int64_t expires; /* seconds that it is good for; -1: this once */
};
PARLEY_API PARLEY_MUST_USE int
parley_event_contact(const struct parley_event *ev, size_t i,
		     struct parley_contact *out);
/* Of PARLEY_EV_NEIGHBOUR_*, else NULL.  All of it is what whoever is on the
 * link says of himself; texts that he does not give are "". */
struct parley_neighbour {
	size_t size;             /* of what the library knows */
	const char *name, *uri;  /* of the best of its services */
	const char *instance_id, *state, *note;
	const char *service;     /* "_sipuri._tcp" */
	uint32_t ifindex;        /* the interface that it was found on */
};
PARLEY_API const struct parley_neighbour *
parley_event_neighbour(const struct parley_event *ev);
PARLEY_API enum parley_end_state
parley_event_end_state(const struct parley_event *ev);
PARLEY_API bool parley_event_by_peer(const struct parley_event *ev);
PARLEY_API char parley_event_digit(const struct parley_event *ev);
PARLEY_API int64_t parley_event_ms(const struct parley_event *ev);
/* The agent's own address, "192.0.2.7:5060": when it listens on all of them,
 * that of one interface, or with _to the one that those at uri see, as far as
 * that is known.  Until the next call of the same function. */
PARLEY_API const char *parley_local(struct parley *p);
PARLEY_API const char *parley_local_to(struct parley *p, const char *uri);

/* The host's addresses or routes have changed, as who runs on a system that
 * tells nobody (net.poll), or with net.watch off, may know from elsewhere: what
 * is affected moves along.  It costs little when nothing has changed. */
PARLEY_API void parley_network_changed(struct parley *p);

#ifdef __cplusplus
}
#endif
#endif
