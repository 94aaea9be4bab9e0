#include "config/survey.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <yaml.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "config/load.h"
#include "config/syntax.h"

/* How far the look has come. */
struct survey {
    const char *name;
    struct diag_list *diags;
    size_t depth;
    size_t nodes;
    size_t documents;
};

static int refuse_foreign_encoding(const char *name, const char *text, size_t len,
                                   struct diag_list *reterr_diags)
{
    const struct diag_place place = {name, 1, 0, 0};
    const bool marked = len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 ||
                                     memcmp(text, "\xfe\xff", 2) == 0);

    if (!marked && !memchr(text, '\0', len < 4 ? len : 4))
        return 0;
    return diag_add(reterr_diags, place, "save the file as UTF-8",
                    "this is UTF-16 or UTF-32, or no text at all");
}

static struct diag_place place_at(const struct survey *survey, yaml_mark_t mark)
{
    return (struct diag_place){survey->name, mark.line + 1, mark.column + 1, 1};
}

static int enter(struct survey *survey, const yaml_event_t *event)
{
    survey->depth++;
    if (survey->depth <= CONFIG_MAX_HEIGHT)
        return 0;
    return diag_add(survey->diags, place_at(survey, event->start_mark), NULL,
                    "too deep: over %d levels of nesting", CONFIG_MAX_HEIGHT);
}

static int count_node(struct survey *survey, const yaml_event_t *event)
{
    survey->nodes++;
    if (survey->nodes <= CONFIG_MAX_NODES)
        return 0;
    return diag_add(survey->diags, place_at(survey, event->start_mark), NULL,
                    "too large: over %d values", CONFIG_MAX_NODES);
}

static int look_at(struct survey *survey, const yaml_event_t *event)
{
    int r = 0;

    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        survey->documents++;
        if (survey->documents > 1)
            r = diag_add(survey->diags, place_at(survey, event->start_mark),
                         "put it into a file of its own", "a second document");
        break;
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        r = count_node(survey, event);
        if (r == 0)
            r = enter(survey, event);
        break;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        survey->depth--;
        break;
    case YAML_SCALAR_EVENT:
    case YAML_ALIAS_EVENT:
        r = count_node(survey, event);
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return r;
}

int survey_text(const char *name, const char *text, size_t len,
                struct diag_list *reterr_diags)
{
    CLEANUP(yaml_parser_delete) yaml_parser_t parser = {0};
    struct survey survey = {.name = name, .diags = reterr_diags};
    bool at_end = false;
    int r = refuse_foreign_encoding(name, text, len, reterr_diags);

    if (r < 0)
        return r;
    if (!yaml_parser_initialize(&parser))
        return -ENOMEM;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    while (r == 0 && !at_end) {
        yaml_event_t event;

        if (!yaml_parser_parse(&parser, &event))
            return syntax_explain(&parser, name, text, len, reterr_diags);
        at_end = event.type == YAML_STREAM_END_EVENT;
        r = look_at(&survey, &event);
        yaml_event_delete(&event);
    }
    return r;
}
