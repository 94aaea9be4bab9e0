/*
 * What a compiled template is: a list of parts, each a text or an expression with its filters. And
 * what its files share: the tables of functions and filters, and the parser of one expression.
 */
#pragma once

#include "expr/template.h"

/* More arguments than a call may have. */
#define TEMPLATE_ARGUMENTS 32

/* A literal: "text" or 12.5. */
struct template_argument {
    const char *text; /* as it is written out; NUL-terminated, in the arena */
    size_t len;
    double number;
    bool is_number;
};

struct template_arguments {
    const struct template_argument *items;
    size_t count;
};

/* Which arguments a function or filter has. */
struct template_signature {
    /* A letter each: w a whole number, d a number, t a text, a any; the last may be repeated. */
    const char *kinds;
    size_t least;
    size_t most;
    /* What is wrong with arguments of those kinds: a static sentence; NULL: nothing. */
    const char *(*misfit)(const struct template_arguments *arguments);
};

typedef void template_function_fn(const struct template_scope *scope,
                                  const struct template_arguments *arguments,
                                  struct buf *out);

enum template_trait {
    TEMPLATE_IS_JSON = 1, /* what it writes is JSON as it stands: a number, true, false */
    TEMPLATE_TELLS_TIME = 2, /* of the wall clock: a placeholder where there is none */
};

struct template_function {
    struct template_word word;
    struct template_signature signature;
    template_function_fn *write;
    unsigned traits; /* bits of enum template_trait */
};

/* Changes out's bytes from `start` on, which are a value; *json: it is JSON, and no text. */
typedef void template_filter_fn(const struct template_arguments *arguments,
                                struct buf *out, size_t start, bool *json);

struct template_filter {
    struct template_word word;
    struct template_signature signature;
    template_filter_fn *change;
};

/* A filter behind an expression. */
struct template_use {
    const struct template_use *next;
    const struct template_filter *filter;
    struct template_arguments arguments;
};

struct template_expression {
    const struct template_function *function; /* NULL: a name or a literal */
    struct template_arguments arguments;      /* of the function; or the one literal */
    uint32_t ref;                             /* of a name: without both of these */
    const struct template_use *uses;
};

struct template_part {
    const struct template_part *next;
    const char *text; /* where there is no expression */
    size_t len;
    const struct template_expression *expression;
    bool escaped; /* it stands in a JSON string */
    bool encoded; /* it stands in a path */
};

struct template
{
    const struct template_part *parts;
};

/* What an expression is read with. */
struct template_reader {
    const char *begin; /* decoded: what stands behind `{{` */
    const char *at;
    const char *end;
    template_name_fn *names;
    void *names_ctx;
    struct arena *arena;
    struct template_error *error; /* its offset counts from `begin` */
};

/*
 * Reads an expression up to its closing braces, and stands behind them then. Returns 0; -EINVAL;
 * -ENOMEM.
 */
int template_read_expression(struct template_reader *reader,
                             const struct template_expression **ret_expression);

/* Fills an error in. Returns -EINVAL. */
__attribute__((format(printf, 4, 5))) int template_problem(struct template_error *error,
                                                           size_t offset,
                                                           const char *hint,
                                                           const char *format, ...);

/* By name, which is not NUL-terminated; NULL: there is none. */
const struct template_function *template_find_function(const char *name, size_t len);
const struct template_filter *template_find_filter(const char *name, size_t len);

/* The filter that render looks for where a name has no value. */
bool template_filter_is_default(const struct template_filter *filter);

/* And the one that makes a whole JSON string a value. */
bool template_filter_is_json(const struct template_filter *filter);

/* And those behind which nothing more is encoded for a path. */
bool template_filter_is_for_paths(const struct template_filter *filter);

/* Percent-encodes out's bytes from `start` on. */
void template_encode(struct buf *out, size_t start);

/* Makes out's bytes from `start` on the inside of a JSON string. */
void template_escape(struct buf *out, size_t start);

/* The functions of made-up people, places and words. */
template_function_fn template_write_word, template_write_words, template_write_sentence,
    template_write_paragraph, template_write_lorem, template_write_first_name,
    template_write_last_name, template_write_name, template_write_email,
    template_write_company, template_write_city, template_write_country,
    template_write_phone, template_write_ip, template_write_user_agent;
