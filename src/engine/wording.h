/*
 * Wording: what templates make of a request beside its body: URL, token, values of headers. They lie
 * with the attempt as strings one behind the other, always in the same order, so that whoever sends
 * or hides them walks through in that order too.
 */
#pragma once

struct attempt;
struct buf;
struct plan_step;
struct rendering;
struct template;

/*
 * Renders them into attempt->wording. Returns 0; -EINVAL with attempt->detail set for what cannot be
 * sent; -ENODATA where a feeder has no row left; -ENOMEM; -EMSGSIZE.
 */
int wording_make(struct attempt *attempt, struct rendering *rendering);

/* A walk through them. The fields are private; all zero: there are none. */
struct wording {
    const char *next;
    const char *end;
};

/* At the first. buf: attempt->wording, which may be incomplete where making it failed. */
struct wording wording_begin(const struct buf *buf);

/* The URL that a template made; NULL: the step's is the same each time. */
const char *wording_url(struct wording *wording, const struct plan_step *step);

/* What a template made; what is none stands as the plan has it, and is no step of the walk. */
const char *wording_next(struct wording *wording, const struct template *template,
                         const char *written);
