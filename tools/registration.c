/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/registration.h"

#include "platform/writer.h"

static void report_json(struct registration *r, const char *state,
			const struct parley_event *ev)
{
	char buf[1024];
	struct writer w = writer_begin(buf, sizeof(buf));

	writer_str(&w, "{\"state\":");
	json_text(&w, slice_str(state));
	writer_str(&w, ",\"aor\":");
	json_text(&w, slice_str(r->aor));
	writer_str(&w, ",\"code\":");
	writer_i64(&w, parley_event_code(ev));
	writer_str(&w, ",\"reason\":");
	json_text(&w, slice_str(parley_event_reason(ev)));
	writer_str(&w, parley_event_kind(ev) == PARLEY_EV_REGISTER_FAILED ?
		   ",\"retry_s\":" : ",\"expires_s\":");
	writer_i64(&w, parley_event_ms(ev) / 1000);
	writer_str(&w, "}\n");
	r->tool->put(r->tool->ctx, false, writer_done(&w));
}

static void show_network(struct registration *r, const struct parley_event *ev)
{
	const char *from = parley_event_from(ev), *to = parley_event_to(ev);
	char buf[1024];
	struct writer w = writer_begin(buf, sizeof(buf));

	if (!r->json) {
		tool_out(r->tool, "network: %s, %s -> %s\n",
			 parley_event_reason(ev), from[0] ? from : "none",
			 to[0] ? to : "none");
		return;
	}
	writer_str(&w, "{\"state\":\"network\",\"aor\":");
	json_text(&w, slice_str(r->aor));
	writer_str(&w, ",\"reason\":");
	json_text(&w, slice_str(parley_event_reason(ev)));
	writer_str(&w, ",\"from\":");
	json_text(&w, slice_str(from));
	writer_str(&w, ",\"to\":");
	json_text(&w, slice_str(to));
	writer_str(&w, "}\n");
	r->tool->put(r->tool->ctx, false, writer_done(&w));
}

static void registration_report(struct registration *r, const char *state,
				const struct parley_event *ev)
{
	if (r->json) {
		report_json(r, state, ev);
		return;
	}
	if (r->quiet)
		return;
	tool_out(r->tool, "%s %s: %d %s", state, r->aor,
		 parley_event_code(ev), parley_event_reason(ev));
	if (parley_event_ms(ev) > 0)
		tool_out(r->tool, ", for %lld s",
			 (long long)(parley_event_ms(ev) / 1000));
	tool_out(r->tool, "\n");
}

static int registration_failed(struct registration *r,
			       const struct parley_event *ev)
{
	const char *where = r->registrar ? r->registrar : r->aor;
	int code = parley_event_code(ev);

	if (r->json)
		report_json(r, "failed", ev);
	if (r->stopping && r->last == REFUSED)
		return TOOL_RUNNING; /* it has been said */
	r->last = REFUSED;
	if (code)
		tool_err(r->tool, "parley: %d %s from %s%s", code,
			 parley_event_reason(ev), where,
			 tool_why_refused(code, r->lacks_password));
	else
		tool_err(r->tool, "parley: %s: %s", where,
			 tool_cause(parley_event_reason(ev)));
	if (!r->once && !r->stopping && parley_event_ms(ev) > 0)
		tool_err(r->tool, "; again in %lld s",
			 (long long)(parley_event_ms(ev) / 1000));
	tool_err(r->tool, "\n");
	return r->once || (!r->stopping && parley_event_ms(ev) <= 0) ?
	       TOOL_FAILED : TOOL_RUNNING;
}

int registration_on_event(struct registration *r,
			  const struct parley_event *ev)
{
	if (parley_event_kind(ev) == PARLEY_EV_REGISTERED) {
		registration_report(r, "registered", ev);
		r->last = REGISTERED;
	} else if (parley_event_kind(ev) == PARLEY_EV_UNREGISTERED) {
		registration_report(r, "unregistered", ev);
		if (r->last == REGISTERED)
			r->last = GONE;
	} else if (parley_event_kind(ev) == PARLEY_EV_REGISTER_FAILED) {
		return registration_failed(r, ev);
	} else if (parley_event_kind(ev) == PARLEY_EV_NETWORK &&
		   !parley_event_session(ev) && !r->quiet) {
		show_network(r, ev);
	}
	return TOOL_RUNNING;
}

int registration_over(const struct registration *r)
{
	if (r->last == NOT_YET)
		(void)tool_fail(r->tool, 0, "%s: was not registered", r->aor);
	if (r->last == REGISTERED)
		(void)tool_fail(r->tool, 0, "%s: still registered: no answer",
				r->aor);
	return r->last == GONE ? TOOL_OK : TOOL_FAILED;
}
