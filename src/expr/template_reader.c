#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/quantity.h"
#include "base/suggest.h"
#include "expr/template_tree.h"

/* Whole numbers up to here are exact as doubles. */
#define MAX_WHOLE 9007199254740992.0

/* A word of an expression: where it stands. */
struct word {
    const char *text;
    size_t len;
};

int template_problem(struct template_error *error, size_t offset, const char *hint,
                     const char *format, ...)
{
    va_list args;

    error->offset = offset;
    error->hint = hint;
    va_start(args, format);
    (void)vsnprintf(error->problem, sizeof(error->problem), format, args);
    va_end(args);
    return -EINVAL;
}

#define PROBLEM(reader, where, hint, ...)                                                \
    template_problem((reader)->error, (size_t)((where) - (reader)->begin), hint,         \
                     __VA_ARGS__)

/* The next character that is no blank; 0 at the end. */
static char peek(struct template_reader *reader)
{
    while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) && *reader->at)
        reader->at++;
    return reader->at < reader->end ? *reader->at : '\0';
}

static bool take(struct template_reader *reader, char c)
{
    if (peek(reader) != c)
        return false;
    reader->at++;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* More functions or filters than there are. */
#define MAX_WORDS 64

/* As much of a word as a message quotes. */
static int quoted_len(struct word word)
{
    return word.len < 60 ? (int)word.len : 60;
}

typedef bool template_word_at_fn(size_t index, struct template_word *ret_word);

/* "did you mean 'upper'?", in the arena; else what is said otherwise. NULL: no memory is left. */
static const char *hint_for(const struct template_reader *reader, struct word word,
                            template_word_at_fn *word_at, const char *otherwise)
{
    const char *names[MAX_WORDS];
    struct template_word known;
    char text[100];
    size_t count = 0;

    while (count < MAX_WORDS && word_at(count, &known))
        names[count++] = known.name;
    (void)snprintf(text, sizeof(text), "%.*s", quoted_len(word), word.text);
    const char *meant = suggest_name(text, names, count);

    if (!meant)
        return otherwise;
    const int len = snprintf(text, sizeof(text), "did you mean '%s'?", meant);

    return arena_copy_bytes(reader->arena, text, (size_t)len);
}

static int unexpected(struct template_reader *reader, const char *wanted)
{
    const char c = peek(reader);

    if (!c)
        return PROBLEM(reader, reader->at,
                       "write {{ \"{{\" }} for two braces that are no template",
                       "'{{' without its '}}'");
    if (c == '}')
        return PROBLEM(reader, reader->at, NULL, "%s is missing before '}'", wanted);
    return PROBLEM(reader, reader->at,
                   "one expression is a name, a function or a literal, each with filters "
                   "behind it: {{ vars.q | url }}",
                   "unexpected '%.*s'", (unsigned char)c < 0x80 ? 1 : 0, reader->at);
}

static int read_text(struct template_reader *reader, struct template_argument *ret)
{
    static const char letters[] = "nrt";
    static const char values[] = "\n\r\t";
    const char *begin = reader->at;
    const char quote = *reader->at++;
    /* What is left holds the text whole, as escapes only shrink. */
    const char *close = reader->at;

    while (close < reader->end && *close != quote)
        close += *close == '\\' && close + 1 < reader->end ? 2 : 1;
    if (close >= reader->end)
        return PROBLEM(reader, begin, NULL, "a text without its closing quote");
    char *text = arena_alloc(reader->arena, (size_t)(close - reader->at) + 1, 1);
    char *to = text;

    if (!text)
        return -ENOMEM;
    for (; reader->at < close; reader->at++) {
        if (*reader->at == '\\') {
            const char *letter = memchr(letters, *++reader->at, sizeof(letters) - 1);

            *to++ = letter ? values[letter - letters] : *reader->at;
        } else {
            *to++ = *reader->at;
        }
    }
    reader->at = close + 1;
    *ret = (struct template_argument){.text = text, .len = (size_t)(to - text)};
    return 0;
}

static int read_number(struct template_reader *reader, struct template_argument *ret)
{
    const char *begin = reader->at;
    size_t len = 1;

    while (begin + len < reader->end &&
           (is_digit(begin[len]) || is_letter(begin[len]) || strchr("+-.", begin[len])))
        len++;
    char *text = arena_copy_bytes(reader->arena, begin, len);
    double number = 0;

    if (!text)
        return -ENOMEM;
    if (quantity_parse_number(text, &number) < 0)
        return PROBLEM(reader, begin, NULL, "'%.40s' is not a number", text);
    reader->at += len;
    *ret = (struct template_argument){text, len, number, true};
    return 0;
}

/* A literal. Returns 1 where there is none. */
static int read_literal(struct template_reader *reader, struct template_argument *ret)
{
    const char c = peek(reader);

    if (c == '"' || c == '\'')
        return read_text(reader, ret);
    if (is_digit(c) || c == '-')
        return read_number(reader, ret);
    return 1;
}

/* "vars.first-name": letters, digits and _ with dots between; - too, behind a letter. */
static struct word read_word(struct template_reader *reader)
{
    const char *begin = reader->at;

    while (reader->at < reader->end && (is_letter(*reader->at) || is_digit(*reader->at) ||
                                        *reader->at == '-' || *reader->at == '.'))
        reader->at++;
    return (struct word){begin, (size_t)(reader->at - begin)};
}

static int check_kind(const struct template_reader *reader, const char *where, char kind,
                      const struct template_argument *argument)
{
    if (kind == 't' && argument->is_number)
        return PROBLEM(reader, where, NULL, "a text is wanted here, in quotes");
    if ((kind == 'd' || kind == 'w') && !argument->is_number)
        return PROBLEM(reader, where, NULL, "a number is wanted here");
    if (kind == 'w' && (argument->number != trunc(argument->number) ||
                        fabs(argument->number) > MAX_WHOLE))
        return PROBLEM(reader, where, NULL, "a whole number is wanted here");
    return 0;
}

/* The kind of an argument; the last letter is of all that follow. */
static char kind_at(const char *kinds, size_t index)
{
    const size_t len = strlen(kinds);

    return len == 0 ? 'a' : kinds[index < len ? index : len - 1];
}

static int read_argument(struct template_reader *reader,
                         const struct template_signature *signature, size_t index,
                         struct template_argument *ret)
{
    (void)peek(reader);
    const char *where = reader->at;
    const int r = read_literal(reader, ret);

    if (r == 1 && is_letter(peek(reader)))
        return PROBLEM(reader, where,
                       "arguments are literals: numbers, or texts in quotes",
                       "a name cannot be an argument");
    if (r == 1)
        return unexpected(reader, "an argument");
    return r < 0 ? r : check_kind(reader, where, kind_at(signature->kinds, index), ret);
}

/* The argument list, where there is one, of a word with this signature. */
static int read_arguments(struct template_reader *reader, struct word word,
                          const struct template_word *usage,
                          const struct template_signature *signature,
                          struct template_arguments *ret)
{
    struct template_argument items[TEMPLATE_ARGUMENTS];
    size_t count = 0;
    const bool open = take(reader, '(');
    bool more = open && !take(reader, ')');

    while (more) {
        if (count == signature->most)
            return PROBLEM(reader, word.text, usage->usage, "%s has too many arguments",
                           usage->name);
        const int r = read_argument(reader, signature, count, &items[count]);

        if (r < 0)
            return r;
        count++;
        more = take(reader, ',');
        if (!more && !take(reader, ')'))
            return unexpected(reader, "')'");
    }
    if (count < signature->least)
        return PROBLEM(reader, word.text, usage->usage, "%s has too few arguments",
                       usage->name);
    struct template_argument *kept = arena_alloc(reader->arena, count, sizeof(*kept));

    if (!kept)
        return -ENOMEM;
    memcpy(kept, items, count * sizeof(*kept));
    *ret = (struct template_arguments){kept, count};
    const char *misfit = signature->misfit ? signature->misfit(ret) : NULL;

    return misfit
               ? PROBLEM(reader, word.text, usage->usage, "%s: %s", usage->name, misfit)
               : 0;
}

/* The filter behind a `|`, put into the list at *link, which moves on. */
static int read_use(struct template_reader *reader, const struct template_use ***link)
{
    if (!is_letter(peek(reader)))
        return unexpected(reader, "a filter");
    const struct word word = read_word(reader);
    const struct template_filter *filter = template_find_filter(word.text, word.len);

    if (!filter)
        return PROBLEM(reader, word.text,
                       hint_for(reader, word, template_filter_at,
                                "'throng schema templates' lists the filters"),
                       "unknown filter '%.*s'", quoted_len(word), word.text);
    struct template_use *use = arena_alloc(reader->arena, 1, sizeof(*use));

    if (!use)
        return -ENOMEM;
    use->filter = filter;
    **link = use;
    *link = &use->next;
    return read_arguments(reader, word, &filter->word, &filter->signature,
                          &use->arguments);
}

static int read_name(struct template_reader *reader,
                     struct template_expression *expression)
{
    const struct word word = read_word(reader);
    const char *hint = NULL;

    expression->function = template_find_function(word.text, word.len);
    if (expression->function)
        return read_arguments(reader, word, &expression->function->word,
                              &expression->function->signature, &expression->arguments);
    if (peek(reader) == '(')
        return PROBLEM(reader, word.text,
                       hint_for(reader, word, template_function_at,
                                "'throng schema templates' lists the functions"),
                       "unknown function '%.*s'", quoted_len(word), word.text);
    const int r =
        reader->names(reader->names_ctx, word.text, word.len, &expression->ref, &hint);

    return r == -ENOENT ? PROBLEM(reader, word.text, hint, "unknown name '%.*s'",
                                  quoted_len(word), word.text)
                        : r;
}

int template_read_expression(struct template_reader *reader,
                             const struct template_expression **ret_expression)
{
    struct template_expression *expression =
        arena_alloc(reader->arena, 1, sizeof(*expression));
    struct template_argument literal = {0};

    if (!expression)
        return -ENOMEM;
    int r = read_literal(reader, &literal);

    if (r == 0) {
        struct template_argument *kept = arena_alloc(reader->arena, 1, sizeof(*kept));

        if (!kept)
            return -ENOMEM;
        *kept = literal;
        expression->arguments = (struct template_arguments){kept, 1};
    } else if (r == 1) {
        r = is_letter(peek(reader)) ? read_name(reader, expression)
                                    : unexpected(reader, "an expression");
    }
    const struct template_use **link = &expression->uses;

    while (r == 0 && take(reader, '|'))
        r = read_use(reader, &link);
    if (r < 0)
        return r;
    if (peek(reader) != '}' || reader->end - reader->at < 2 || reader->at[1] != '}')
        return unexpected(reader, "'}}'");
    reader->at += 2;
    *ret_expression = expression;
    return 0;
}
