#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/quantity.h"
#include "expr/query_plain.h"

/* More than this is left to libjq. */
#define MAX_NESTING 32
#define MAX_STEPS 32
#define MAX_INDEX_DIGITS 9
#define MAX_TEXT_BYTES 2000

/* Not an error: the query is not of the plain kind. */
#define NOT_PLAIN 1

struct parser {
    const char *at;
    struct arena *arena;
    unsigned nesting;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_blanks(struct parser *parser)
{
    parser->at += strspn(parser->at, " \t\r\n");
}

/* Takes an operator that is no other one's beginning. */
static bool take(struct parser *parser, const char *symbol, const char *not_before)
{
    const size_t len = strlen(symbol);

    skip_blanks(parser);
    if (strncmp(parser->at, symbol, len) != 0 ||
        (parser->at[len] && strchr(not_before, parser->at[len])))
        return false;
    parser->at += len;
    return true;
}

static bool take_word(struct parser *parser, const char *word)
{
    const size_t len = strlen(word);
    const char *at = parser->at + strspn(parser->at, " \t\r\n");

    if (strncmp(at, word, len) != 0 || is_letter(at[len]) || is_digit(at[len]) ||
        at[len] == ':' || at[len] == '(')
        return false;
    parser->at = at + len;
    return true;
}

static int add_node(struct parser *parser, struct query_node node,
                    const struct query_node **ret_node)
{
    struct query_node *kept = arena_alloc(parser->arena, 1, sizeof(*kept));

    if (!kept)
        return -ENOMEM;
    *kept = node;
    *ret_node = kept;
    return 0;
}

/* A text in quotes, as jq writes it: as JSON does, and \( would be an expression within it. */
static int take_text(struct parser *parser, const char **ret_text, size_t *ret_len)
{
    struct json_scan scan = json_scan_begin(parser->at, strlen(parser->at));
    const struct json_piece piece = json_scan_any_string(&scan);
    struct buf decoded = BUF_INIT(piece.len * 4);

    if (scan.failed)
        return NOT_PLAIN;
    if (json_piece_append(piece, &decoded) < 0 ||
        memchr(buf_str(&decoded), 0, decoded.len)) {
        const int error = buf_error(&decoded);

        buf_deinit(&decoded);
        return error < 0 ? error : NOT_PLAIN;
    }
    *ret_len = decoded.len;
    *ret_text = arena_copy_bytes(parser->arena, buf_str(&decoded), decoded.len);
    buf_deinit(&decoded);
    parser->at = scan.at;
    return *ret_text ? 0 : -ENOMEM;
}

static int take_field(struct parser *parser, struct query_step *step)
{
    size_t len = 0;

    if (*parser->at == '"')
        return take_text(parser, &step->key, &step->key_len);
    if (!is_letter(*parser->at))
        return NOT_PLAIN;
    while (is_letter(parser->at[len]) || is_digit(parser->at[len]))
        len++;
    step->key = arena_copy_bytes(parser->arena, parser->at, len);
    step->key_len = len;
    parser->at += len;
    return step->key ? 0 : -ENOMEM;
}

/* What stands in brackets, behind the opening one: "key" or 12. */
static int take_subscript(struct parser *parser, struct query_step *step)
{
    int r = 0;

    skip_blanks(parser);
    if (*parser->at == '"') {
        r = take_text(parser, &step->key, &step->key_len);
    } else {
        const size_t digits = strspn(parser->at, "0123456789");

        if (digits == 0 || digits > MAX_INDEX_DIGITS)
            return NOT_PLAIN;
        for (size_t i = 0; i < digits; i++)
            step->index = step->index * 10 + (size_t)(parser->at[i] - '0');
        parser->at += digits;
    }
    if (r != 0)
        return r;
    return take(parser, "]", "") ? 0 : NOT_PLAIN;
}

/* Steps as they follow each other: .a."b"[0]["c"]; none may be there. */
static int take_steps(struct parser *parser, struct query_step *steps, size_t *count)
{
    for (;;) {
        const bool field = parser->at[0] == '.' && parser->at[1] != '[' &&
                           (is_letter(parser->at[1]) || parser->at[1] == '"');
        const bool subscript = parser->at[0] == '[';

        if (!field && !subscript)
            return 0;
        if (*count == MAX_STEPS)
            return NOT_PLAIN;
        steps[*count] = (struct query_step){0};
        parser->at++;
        const int r = field ? take_field(parser, &steps[*count])
                            : take_subscript(parser, &steps[*count]);

        if (r != 0)
            return r;
        ++*count;
    }
}

static int add_path(struct parser *parser, const struct query_step *steps, size_t count,
                    const struct query_node **ret_node)
{
    struct query_step *kept = arena_alloc(parser->arena, count, sizeof(*kept));

    if (!kept)
        return -ENOMEM;
    memcpy(kept, steps, count * sizeof(*kept));
    return add_node(
        parser,
        (struct query_node){.kind = QUERY_NODE_PATH, .steps = kept, .step_count = count},
        ret_node);
}

static int read_path(struct parser *parser, const struct query_node **ret_node)
{
    struct query_step steps[MAX_STEPS];
    size_t count = 0;

    if (parser->at[1] == '.')
        return NOT_PLAIN;
    if (!is_letter(parser->at[1]) && parser->at[1] != '"')
        parser->at++; /* the dot is the input: . or .[0] */
    const int r = take_steps(parser, steps, &count);

    if (r != 0)
        return r;
    if (*parser->at && strchr(".[?\"", *parser->at)) /* .. or .a? or .[1:2] */
        return NOT_PLAIN;
    return add_path(parser, steps, count, ret_node);
}

static int read_number(struct parser *parser, const struct query_node **ret_node)
{
    const size_t len = strspn(parser->at, "0123456789.eE+-");
    struct query_node node = {.kind = QUERY_NODE_LITERAL, .literal.kind = QUERY_NUMBER};
    struct json_scan scan = json_scan_begin(parser->at, len);
    char copy[40];

    json_scan_value(&scan, 0);
    if (!json_scan_is_over(&scan) || len >= sizeof(copy))
        return NOT_PLAIN;
    memcpy(copy, parser->at, len);
    copy[len] = '\0';
    if (quantity_parse_number(copy, &node.literal.number) < 0)
        return NOT_PLAIN;
    parser->at += len;
    return add_node(parser, node, ret_node);
}

static int read_text(struct parser *parser, const struct query_node **ret_node)
{
    struct query_node node = {.kind = QUERY_NODE_LITERAL,
                              .literal = {.kind = QUERY_TEXT, .is_plain = true}};
    const int r = take_text(parser, &node.literal.text.bytes, &node.literal.text.len);

    return r == 0 ? add_node(parser, node, ret_node) : r;
}

static int read_word(struct parser *parser, const struct query_node **ret_node)
{
    static const struct {
        const char *word;
        struct query_node node;
    } words[] = {
        {"length", {.kind = QUERY_NODE_LENGTH}},
        {"not", {.kind = QUERY_NODE_NOT}},
        {"true", {.kind = QUERY_NODE_LITERAL, .literal.kind = QUERY_TRUE}},
        {"false", {.kind = QUERY_NODE_LITERAL, .literal.kind = QUERY_FALSE}},
        {"null", {.kind = QUERY_NODE_LITERAL, .literal.kind = QUERY_NULL}},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (take_word(parser, words[i].word))
            return add_node(parser, words[i].node, ret_node);
    return NOT_PLAIN;
}

static int read_pipe(struct parser *parser, const struct query_node **ret_node);

/* One term, and the steps behind it. */
// NOLINTNEXTLINE(misc-no-recursion): MAX_NESTING
static int read_term(struct parser *parser, const struct query_node **ret_node)
{
    int r;

    skip_blanks(parser);
    if (*parser->at == '.')
        return read_path(parser, ret_node);
    if (take(parser, "(", "")) {
        if (parser->nesting == MAX_NESTING)
            return NOT_PLAIN;
        parser->nesting++;
        r = read_pipe(parser, ret_node);
        parser->nesting--;
        if (r == 0 && !take(parser, ")", ""))
            r = NOT_PLAIN;
    } else if (is_digit(*parser->at) || *parser->at == '-') {
        r = read_number(parser, ret_node);
    } else if (*parser->at == '"') {
        r = read_text(parser, ret_node);
    } else {
        r = read_word(parser, ret_node);
    }
    if (r == 0 && *parser->at && strchr(".[?\"", *parser->at)) /* (.a).b */
        return NOT_PLAIN;
    return r;
}

typedef int read_fn(struct parser *parser, const struct query_node **ret_node);

/* Joins what stands in *node with what follows. */
static int read_right(struct parser *parser, enum query_node_kind kind, read_fn *read,
                      const struct query_node **node)
{
    const struct query_node *right = NULL;
    const int r = read(parser, &right);

    if (r != 0)
        return r;
    return add_node(
        parser, (struct query_node){.kind = kind, .left = *node, .right = right}, node);
}

// NOLINTNEXTLINE(misc-no-recursion): as read_term()
static int read_comparison(struct parser *parser, const struct query_node **ret_node)
{
    static const struct {
        const char *symbol;
        enum query_node_kind kind;
    } symbols[] = {
        {"==", QUERY_NODE_EQUAL},         {"!=", QUERY_NODE_NOT_EQUAL},
        {"<=", QUERY_NODE_LESS_EQUAL},    {"<", QUERY_NODE_LESS},
        {">=", QUERY_NODE_GREATER_EQUAL}, {">", QUERY_NODE_GREATER},
    };
    const int r = read_term(parser, ret_node);

    if (r != 0)
        return r;
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
        if (take(parser, symbols[i].symbol, "="))
            return read_right(parser, symbols[i].kind, read_term, ret_node);
    return 0;
}

// NOLINTNEXTLINE(misc-no-recursion): as read_term()
static int read_and(struct parser *parser, const struct query_node **ret_node)
{
    int r = read_comparison(parser, ret_node);

    while (r == 0 && take_word(parser, "and"))
        r = read_right(parser, QUERY_NODE_AND, read_comparison, ret_node);
    return r;
}

// NOLINTNEXTLINE(misc-no-recursion): as read_term()
static int read_or(struct parser *parser, const struct query_node **ret_node)
{
    int r = read_and(parser, ret_node);

    while (r == 0 && take_word(parser, "or"))
        r = read_right(parser, QUERY_NODE_OR, read_and, ret_node);
    return r;
}

/* From right to left: a // b // c is a // (b // c). */
// NOLINTNEXTLINE(misc-no-recursion): MAX_NESTING
static int read_otherwise(struct parser *parser, const struct query_node **ret_node)
{
    const int r = read_or(parser, ret_node);

    if (r == 0 && take(parser, "//", "=")) {
        if (++parser->nesting > MAX_NESTING)
            return NOT_PLAIN;
        return read_right(parser, QUERY_NODE_OTHERWISE, read_otherwise, ret_node);
    }
    return r;
}

// NOLINTNEXTLINE(misc-no-recursion): as read_term()
static int read_pipe(struct parser *parser, const struct query_node **ret_node)
{
    int r = read_otherwise(parser, ret_node);

    while (r == 0 && take(parser, "|", "="))
        r = read_right(parser, QUERY_NODE_PIPE, read_otherwise, ret_node);
    return r;
}

int query_plain_parse(const char *text, struct arena *arena,
                      const struct query_node **ret_node)
{
    struct parser parser = {.at = text, .arena = arena};

    if (strlen(text) > MAX_TEXT_BYTES)
        return NOT_PLAIN;
    const int r = read_pipe(&parser, ret_node);

    skip_blanks(&parser);
    return r == 0 && *parser.at ? NOT_PLAIN : r;
}
