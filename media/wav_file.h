/* SPDX-License-Identifier: BSD-2-Clause
 * media/wav_file.h - WAV files from and to the disk, EDGE.
 * The files are read and written in blocks from wav_*_service, which the owner
 * of the media clock calls after a tick (every tick is fine, it does nothing
 * most of the time).  A disk that is full or gone ends the file, not the call.
 */
#ifndef MEDIA_WAV_FILE_H
#define MEDIA_WAV_FILE_H
#include "media/player.h"
#include "media/recorder.h"

struct wav_player; /* opaque */
struct wav_recorder;

/* rate is the graph's.  -ENOENT and other errno, -EBADMSG not a WAV file,
 * -ENOTSUP, -ESPIPE a pipe.  A loop of no samples at all is -EBADMSG. */
MUST_USE int wav_player_open(struct mem *m, const char *path, uint32_t rate,
			     bool loop, struct wav_player **out);
/* The same from memory, which must outlive it. */
MUST_USE int wav_player_open_memory(struct mem *m, const void *p, size_t n,
				    uint32_t rate, bool loop,
				    struct wav_player **out);
void wav_player_close(struct wav_player *p); /* NULL is ignored */
struct player *wav_player_engine(struct wav_player *p); /* for the graph */
void wav_player_service(struct wav_player *p);
bool wav_player_done(const struct wav_player *p);

/* 16 bit mono at rate unless format says otherwise (NULL).  The file gets mode
 * 0600 and is readable at any time: its header is kept up to date every second.
 * -EBUSY: another recording, of whatever process, goes into it.
 * A pipe or a device gets a header that leaves the length open, and what it
 * does not take in half a second is lost: nobody waits for it.  -ENXIO: a pipe
 * that nobody reads; when its reader goes the process gets SIGPIPE. */
MUST_USE int wav_recorder_open(struct mem *m, const char *path, uint32_t rate,
			       const struct wav_format *format,
			       struct wav_recorder **out);
/* Whether a file could be recorded there (-EBUSY as above); one that exists
 * stays as it is. */
MUST_USE int wav_recorder_check(const char *path);
/* 0, or the first error met in writing (-ENOSPC ...). */
int wav_recorder_close(struct wav_recorder *r);
struct recorder *wav_recorder_engine(struct wav_recorder *r);
void wav_recorder_service(struct wav_recorder *r);
int wav_recorder_error(const struct wav_recorder *r);

/* A whole file as mono samples: for measuring.  *pcm from m. */
MUST_USE int wav_load(struct mem *m, const char *path, int16_t **pcm,
		      size_t *n, uint32_t *rate);
MUST_USE int wav_load_memory(struct mem *m, const void *p, size_t len,
			     int16_t **pcm, size_t *n, uint32_t *rate);
#endif
