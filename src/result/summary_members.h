/*
 * The members of summary.json, object by object: one table that the schema is made from. Which
 * figures are metrics stands in measure/metric.h.
 */
#pragma once

#include <stddef.h>

/* The types that most members have. */
#define TEXT "{\"type\": \"string\"}"
#define MOMENT "{\"type\": \"string\", \"format\": \"date-time\"}"
#define COUNT "{\"type\": \"integer\", \"minimum\": 0}"
#define INTEGER "{\"type\": \"integer\"}"
#define NUMBER "{\"type\": \"number\"}"
#define MAYBE_NUMBER "{\"type\": [\"number\", \"null\"]}"
#define MAYBE_LENGTH "{\"oneOf\": [{\"$ref\": \"#/$defs/length\"}, {\"type\": \"null\"}]}"
#define BOOLEAN "{\"type\": \"boolean\"}"
#define GRADE "{\"enum\": [\"A\", \"B\", \"C\", \"D\", \"F\"]}"
#define TEXTS "{\"type\": \"object\", \"additionalProperties\": " TEXT "}"

struct summary_member {
    const char *name;
    const char *type; /* a JSON Schema; or '#' and the name of a definition */
    const char *help; /* "" where the name says it all */
};

/* An object that has all of these members, and may have more (see summary_schema.c). */
struct summary_definition {
    const char *name;
    const struct summary_member *members;
    size_t count;
};

#define SUMMARY_DEFINE(name, members) {name, members, COUNT_OF(members)}

struct buf;

/* Appends `before`, then the member as it stands in `properties`: its name, its schema, what it means. */
void summary_member_write(const struct summary_member *member, const char *before,
                          struct buf *out);

/* NULL from the end on. Those of summary_answer_members.c, _script_members.c, _backend_members.c and
   _insight_members.c and summary_ab.c come last. */
const struct summary_definition *summary_definition_at(size_t index);
const struct summary_definition *summary_answer_definition_at(size_t index);
const struct summary_definition *summary_script_definition_at(size_t index);
const struct summary_definition *summary_capacity_definition_at(size_t index);
const struct summary_definition *summary_backend_definition_at(size_t index);
const struct summary_definition *summary_insight_definition_at(size_t index);
const struct summary_definition *summary_ab_definition_at(size_t index);
