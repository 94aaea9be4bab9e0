#include "platform/prom_text.h"

#include <errno.h>
#include <string.h>

#include "platform/prom_number.h"

/* Between two places of a line. */
struct reader {
    const char *at;
    const char *end;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end && is_blank(*reader->at))
        reader->at++;
}

static bool take(struct reader *reader, char c)
{
    if (reader->at == reader->end || *reader->at != c)
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

/* [a-zA-Z_:][a-zA-Z0-9_:]*, of labels without the colons. Empty where there is none. */
static struct prom_slice take_name(struct reader *reader, bool colons)
{
    struct prom_slice name = {.at = reader->at};

    while (reader->at < reader->end &&
           (is_letter(*reader->at) || (colons && *reader->at == ':') ||
            (reader->at > name.at && is_digit(*reader->at))))
        reader->at++;
    name.len = (size_t)(reader->at - name.at);
    return name;
}

/* What stands between quotes, which are consumed. */
static const char *take_value(struct reader *reader, struct prom_slice *ret_value)
{
    if (!take(reader, '"'))
        return "a label's value is not in quotes";
    ret_value->at = reader->at;
    while (reader->at < reader->end && *reader->at != '"') {
        if (*reader->at == '\\') {
            reader->at++;
            if (reader->at == reader->end ||
                (*reader->at != '\\' && *reader->at != '"' && *reader->at != 'n'))
                return "a backslash that escapes nothing";
        }
        reader->at++;
    }
    ret_value->len = (size_t)(reader->at - ret_value->at);
    return take(reader, '"') ? NULL : "a label's value does not end";
}

static const char *take_label(struct reader *reader, struct prom_label *ret_label)
{
    ret_label->name = take_name(reader, false);
    if (ret_label->name.len == 0)
        return "what stands in braces is no label";
    skip_blanks(reader);
    if (!take(reader, '='))
        return "a label without its value";
    skip_blanks(reader);
    return take_value(reader, &ret_label->value);
}

/* From behind the opening brace to behind the closing one. */
static const char *take_labels(struct reader *reader, struct prom_label *labels,
                               size_t *ret_count)
{
    size_t count = 0;

    for (;;) {
        const char *problem;

        skip_blanks(reader);
        if (take(reader, '}'))
            break;
        if (count == PROM_MAX_LABELS)
            return "more labels than a sample may have";
        problem = take_label(reader, &labels[count++]);
        if (problem)
            return problem;
        skip_blanks(reader);
        if (!take(reader, ',') && (reader->at == reader->end || *reader->at != '}'))
            return "labels are not separated by commas";
    }
    *ret_count = count;
    return NULL;
}

static struct prom_slice take_word(struct reader *reader)
{
    struct prom_slice word = {.at = reader->at};

    while (reader->at < reader->end && !is_blank(*reader->at))
        reader->at++;
    word.len = (size_t)(reader->at - word.at);
    return word;
}

static const char *take_number(struct reader *reader, const char *problem,
                               double *ret_number)
{
    const struct prom_slice word = take_word(reader);

    return prom_number_parse(word.at, word.len, ret_number) == 0 ? NULL : problem;
}

/* "# {trace_id=\"…\"} 0.67 1520879607.789", of which nothing is kept. */
static const char *skip_exemplar(struct reader *reader)
{
    struct prom_label labels[PROM_MAX_LABELS];
    size_t count;
    double number;
    const char *problem;

    skip_blanks(reader);
    if (!take(reader, '{'))
        return "something stands behind the sample";
    problem = take_labels(reader, labels, &count);
    skip_blanks(reader);
    if (!problem)
        problem = take_number(reader, "an exemplar without its value", &number);
    skip_blanks(reader);
    if (!problem && reader->at < reader->end)
        problem = take_number(reader, "an exemplar's time is no number", &number);
    return problem;
}

/* What may stand behind a value: a time, an exemplar. */
static const char *skip_rest(struct reader *reader)
{
    const char *problem = NULL;
    double number;

    skip_blanks(reader);
    if (reader->at < reader->end && *reader->at != '#')
        problem = take_number(reader, "a sample's time is no number", &number);
    skip_blanks(reader);
    if (!problem && take(reader, '#'))
        problem = skip_exemplar(reader);
    skip_blanks(reader);
    if (!problem && reader->at < reader->end)
        problem = "something stands behind the sample";
    return problem;
}

static const char *read_sample(struct reader *reader, struct prom_sample *sample)
{
    const char *problem = NULL;

    sample->name = take_name(reader, true);
    sample->label_count = 0;
    if (sample->name.len == 0)
        return "a line that begins with no name";
    skip_blanks(reader);
    if (take(reader, '{'))
        problem = take_labels(reader, sample->labels, &sample->label_count);
    skip_blanks(reader);
    if (!problem)
        problem = take_number(reader, "a sample without its value", &sample->value);
    return problem ? problem : skip_rest(reader);
}

struct text {
    prom_sample_fn *on_sample;
    void *ctx;
    bool is_over; /* `# EOF` was there */
};

static const char *read_line(struct text *text, struct reader *reader)
{
    static const char eof[] = "# EOF";
    struct prom_sample sample;
    const char *problem;

    if ((size_t)(reader->end - reader->at) > PROM_MAX_LINE_BYTES)
        return "a line that is too long";
    if (text->is_over)
        return "something stands behind '# EOF'";
    if (reader->end > reader->at && reader->end[-1] == '\r')
        return "a line ends with a carriage return";
    skip_blanks(reader);
    if (reader->at == reader->end)
        return NULL;
    if (*reader->at == '#') {
        text->is_over = prom_slice_is(
            (struct prom_slice){reader->at, (size_t)(reader->end - reader->at)}, eof);
        return NULL;
    }
    problem = read_sample(reader, &sample);
    if (!problem)
        text->on_sample(text->ctx, &sample);
    return problem;
}

int prom_text_read(const char *text, size_t len, prom_sample_fn *on_sample, void *ctx,
                   struct prom_problem *reterr_problem)
{
    struct text state = {.on_sample = on_sample, .ctx = ctx};
    const char *const end = text + len;
    size_t line = 0;

    while (text < end) {
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        struct reader reader = {.at = text, .end = line_end};
        const char *problem;

        line++;
        /* A text that was cut off may end within a number, which then is another one. */
        problem = line_end ? read_line(&state, &reader) : "the last line does not end";
        if (problem) {
            *reterr_problem = (struct prom_problem){.line = line, .what = problem};
            return -EINVAL;
        }
        text = line_end + 1;
    }
    return 0;
}

bool prom_slice_is(struct prom_slice slice, const char *text)
{
    return strlen(text) == slice.len && memcmp(slice.at, text, slice.len) == 0;
}

struct prom_slice prom_sample_label(const struct prom_sample *sample, const char *name)
{
    for (size_t i = 0; i < sample->label_count; i++)
        if (prom_slice_is(sample->labels[i].name, name))
            return sample->labels[i].value;
    return (struct prom_slice){NULL, 0};
}
