# Sourced by the tests against baresip, after lib.sh: one baresip process is a
# configuration folder, a SIP port and a control port 50 above it (module
# ctrl_tcp: JSON in netstrings).
# shellcheck shell=bash

# bare_start TAG SECONDS PORT MEDIA_PORT CODEC_MODULES ANSWER [ACCOUNT_PARAMS
# [DOMAIN]]: answers and calls as sip:TAG@127.0.0.1:PORT, plays the speech.
# It also takes PORT + 1, for TLS; BARE_EXTRA is more of its configuration.
# MEDIA_PORT up to 49 above it are for RTP.  ANSWER is auto or manual.
# With BARE_IN (the words to run it elsewhere by) and BARE_IP, its address there,
# it has no control port here.
bare_start() {
	local tag=$1 limit=$2 port=$3 media=$4 codecs=$5 answer=$6 where m
	local ip=${BARE_IP:-127.0.0.1}
	where=$(find /usr/lib -path '*baresip/modules/g711.so' | head -n 1)
	mkdir -p "$tag"
	# Its file source wants this rate, and the call ends with the file.
	[ -f source.wav ] ||
		sox "$speech" -r 48000 -c 1 -b 16 source.wav repeat 9
	{
		cat <<-END
		poll_method epoll
		sip_listen $ip:$port
		net_interface $ip
		rtp_ports $media-$((media + 49))
		rtp_stats yes
		call_local_timeout 60
		call_max_calls 4
		audio_source aufile,$dir/source.wav
		audio_player aubridge,nothing
		audio_alert aubridge,nothing
		ausrc_srate 48000
		ausrc_channels 1
		auplay_srate 48000
		auplay_channels 1
		ausrc_format s16
		auplay_format s16
		auenc_format s16
		audec_format s16
		audio_txmode thread
		audio_buffer 20-160
		jitter_buffer_delay 5-10
		opus_inbandfec yes
		ringback_disabled yes
		statmode_default off
		snd_path $dir/$tag
		ctrl_tcp_listen 127.0.0.1:$((port + 50))
		module_path ${where%/*}
		END
		for m in $codecs aufile aubridge sndfile; do
			echo "module $m.so"
		done
		[ -z "${BARE_EXTRA:-}" ] || echo "$BARE_EXTRA"
		echo "module_tmp account.so"
		echo "module_app ctrl_tcp.so"
		echo "module_app menu.so"
	} >"$tag/config"
	echo "\"$tag\" <sip:$tag@${8:-$ip:$port}>;answermode=$answer${7:-;regint=0}" \
		>"$tag/accounts"
	: >"$tag/contacts"
	start "$tag" "$limit" ${BARE_IN:-} sh -c 'sleep "$1" | baresip -4 -s -f "$0"' \
		"$dir/$tag" "$limit"
	[ -z "${BARE_IN:-}" ] || return 0
	within 20 bound tcp $((port + 50)) || {
		bad "baresip $tag does not start" "$tag.out"
		return
	}
	exec {ctl}<>"/dev/tcp/127.0.0.1/$((port + 50))" || return
	eval "ctl_$tag=$ctl"
	cat <&"$ctl" >"$tag.events" &
	echo $! >"$tag.reader.pid"
}
bare() { # TAG COMMAND [PARAMETERS]
	local fd=ctl_$1 text
	[ -n "${!fd:-}" ] || return 1
	text="{\"command\":\"$2\",\"params\":\"${3:-}\",\"token\":\"t\"}"
	printf '%d:%s,' ${#text} "$text" >&"${!fd}"
}
bare_event() { # TAG SECONDS TYPE [TIMES]: until that has happened
	local end=$((SECONDS + $2))
	until [ "$(grep -ao "\"type\":\"$3\"" "$1.events" 2>/dev/null | wc -l)" -ge "${4:-1}" ]; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}
bare_heard() { # TAG: what its decoder gave, the last call's
	ls -t "$1"/dump-*-dec.wav 2>/dev/null | head -n 1
}
