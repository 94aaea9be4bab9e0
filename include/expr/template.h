/*
 * Templates: "Bearer {{ vars.token }}" → text, again and again. Compiled once when the scenario is
 * loaded; rendering writes into the caller's buffer, draws from the caller's random stream, and
 * changes nothing else, so that a template may be shared by all users. What names stand for is the
 * caller's: expr knows functions and filters, and that a name has dots.
 *
 * Between `{{` and `}}` stands one expression: a name (`vars.token`, `user.email`,
 * `data.people.city`), a function (`random.int(1, 9)`, `uuid`, `now`, `word`, `name`, …: see
 * template_function_at()), or a literal ("text", 12), each with filters behind it:
 * `{{ vars.q | url }}`. Arguments are literals. `{{ "{{" }}` writes two braces.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct rng;
struct template;

/* What is wrong with a template: a sentence, and where in the text (bytes from its start). */
struct template_error {
    char problem[160];
    const char *hint; /* what to write instead: static or in the arena; or NULL */
    size_t offset;
};

/*
 * Says which number a name has in the caller's world. name is not NUL-terminated. Returns 0; or
 * -ENOENT with *reterr_hint set (it lives as long as the arena; may stay NULL) where there is none.
 */
typedef int template_name_fn(void *ctx, const char *name, size_t len, uint32_t *ret_ref,
                             const char **reterr_hint);

enum template_form {
    TEMPLATE_TEXT, /* written as it is */
    /*
     * The text is JSON with templates in its strings: what they write is escaped. A string that is
     * one expression with the filter `json` and nothing else becomes that value, without quotes.
     */
    TEMPLATE_JSON,
    /*
     * The text is a path with its query: what expressions write is percent-encoded, unless they end in
     * the filter `url`, which did it, or `raw`. A placeholder is left as it is.
     */
    TEMPLATE_PATH,
};

/* Whether the text holds any template: else it need not be compiled. */
bool template_is_one(const char *text, size_t len);

/*
 * Compiles; the template lies in the arena, and copies what it needs of text. Returns 0; -EINVAL
 * with *reterr_error filled; -ENOMEM.
 */
int template_compile(const char *text, size_t len, enum template_form form,
                     template_name_fn *names, void *names_ctx, struct arena *arena,
                     const struct template **ret_template,
                     struct template_error *reterr_error);

/* What a template is rendered in. */
struct template_scope {
    /*
     * Appends what a name stands for: text as it is; values that are no text as JSON, with
     * *ret_json set. Returns 0; -ENOENT where it has no value; errors of buf.
     */
    int (*write_name)(void *ctx, uint32_t ref, struct buf *out, bool *ret_json);
    void *ctx;
    struct rng *rng; /* of random and made-up values */
    /* Wall clock, ns since 1970. 0: a named placeholder is written, such as {{now}} (RUN-8). */
    uint64_t wall_ns;
};

/*
 * Appends the template's text. Returns 0; -ENOENT: a name had no value (and no filter `default`), the
 * first such in *reterr_ref: nothing stands in their place (null where the filter `json` wants a
 * value), all the rest is there; errors of buf.
 */
int template_render(const struct template *template, const struct template_scope *scope,
                    struct buf *out, uint32_t *reterr_ref);

/* A function or filter, for the reference page and for "did you mean". */
struct template_word {
    const char *name;    /* "random.int" */
    const char *usage;   /* "random.int(1, 9)" */
    const char *help;    /* one sentence, Markdown, no full stop */
    const char *example; /* what it may write: "7" */
};

/* Each function, or filter, in order. False from the end on. */
bool template_function_at(size_t index, struct template_word *ret_word);
bool template_filter_at(size_t index, struct template_word *ret_word);
