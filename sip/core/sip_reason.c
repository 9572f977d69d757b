/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/core/sip_reason.h"

static const struct reason {
	unsigned status;
	struct slice text;
} reasons[] = { /* RFC 3261 section 21, and later registrations */
	{ 100, SLICE("Trying") },
	{ 180, SLICE("Ringing") },
	{ 181, SLICE("Call Is Being Forwarded") },
	{ 182, SLICE("Queued") },
	{ 183, SLICE("Session Progress") },
	{ 200, SLICE("OK") },
	{ 202, SLICE("Accepted") },
	{ 300, SLICE("Multiple Choices") },
	{ 301, SLICE("Moved Permanently") },
	{ 302, SLICE("Moved Temporarily") },
	{ 305, SLICE("Use Proxy") },
	{ 380, SLICE("Alternative Service") },
	{ 400, SLICE("Bad Request") },
	{ 401, SLICE("Unauthorized") },
	{ 402, SLICE("Payment Required") },
	{ 403, SLICE("Forbidden") },
	{ 404, SLICE("Not Found") },
	{ 405, SLICE("Method Not Allowed") },
	{ 406, SLICE("Not Acceptable") },
	{ 407, SLICE("Proxy Authentication Required") },
	{ 408, SLICE("Request Timeout") },
	{ 410, SLICE("Gone") },
	{ 412, SLICE("Conditional Request Failed") },
	{ 413, SLICE("Request Entity Too Large") },
	{ 414, SLICE("Request-URI Too Long") },
	{ 415, SLICE("Unsupported Media Type") },
	{ 416, SLICE("Unsupported URI Scheme") },
	{ 420, SLICE("Bad Extension") },
	{ 421, SLICE("Extension Required") },
	{ 422, SLICE("Session Interval Too Small") },
	{ 423, SLICE("Interval Too Brief") },
	{ 480, SLICE("Temporarily Unavailable") },
	{ 481, SLICE("Call/Transaction Does Not Exist") },
	{ 482, SLICE("Loop Detected") },
	{ 483, SLICE("Too Many Hops") },
	{ 484, SLICE("Address Incomplete") },
	{ 485, SLICE("Ambiguous") },
	{ 486, SLICE("Busy Here") },
	{ 487, SLICE("Request Terminated") },
	{ 488, SLICE("Not Acceptable Here") },
	{ 489, SLICE("Bad Event") },
	{ 491, SLICE("Request Pending") },
	{ 493, SLICE("Undecipherable") },
	{ 500, SLICE("Server Internal Error") },
	{ 501, SLICE("Not Implemented") },
	{ 502, SLICE("Bad Gateway") },
	{ 503, SLICE("Service Unavailable") },
	{ 504, SLICE("Server Time-out") },
	{ 505, SLICE("Version Not Supported") },
	{ 513, SLICE("Message Too Large") },
	{ 600, SLICE("Busy Everywhere") },
	{ 603, SLICE("Decline") },
	{ 604, SLICE("Does Not Exist Anywhere") },
	{ 606, SLICE("Not Acceptable") },
};

struct slice sip_reason(unsigned status)
{
	for (size_t i = 0; i < COUNT(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return S("Unknown");
}
