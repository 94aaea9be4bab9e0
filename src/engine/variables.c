#include "engine/variables.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum value_state {
    VALUE_OF_BASE, /* the base's, where there is one */
    VALUE_NONE,    /* forgotten */
    VALUE_TEXT,
    VALUE_JSON,
};

struct value {
    char *text; /* owned; NULL without a value */
    uint32_t len;
    enum value_state state;
};

struct variables {
    const struct variables *base;
    size_t count;
    struct value values[];
};

int variables_new(size_t count, const struct variables *base,
                  struct variables **ret_variables)
{
    struct variables *variables =
        calloc(1, sizeof(*variables) + count * sizeof(variables->values[0]));

    if (!variables)
        return -ENOMEM;
    variables->base = base;
    variables->count = count;
    *ret_variables = variables;
    return 0;
}

static void drop(struct value *value)
{
    if (value->text)
        secret_wipe(value->text, value->len);
    free(value->text);
    value->text = NULL;
    value->len = 0;
}

struct variables *variables_free(struct variables *variables)
{
    if (!variables)
        return NULL;
    for (size_t i = 0; i < variables->count; i++)
        drop(&variables->values[i]);
    free(variables);
    return NULL;
}

int variables_set(struct variables *variables, uint32_t index,
                  const struct variable *value)
{
    char *text;

    assert(index < variables->count);
    if (value->len > VARIABLES_MAX_BYTES)
        return -EMSGSIZE;
    text = malloc(value->len + 1);
    if (!text)
        return -ENOMEM;
    if (value->len > 0)
        memcpy(text, value->text, value->len);
    text[value->len] = '\0';
    drop(&variables->values[index]);
    variables->values[index] =
        (struct value){.text = text,
                       .len = (uint32_t)value->len,
                       .state = value->json ? VALUE_JSON : VALUE_TEXT};
    return 0;
}

void variables_forget(struct variables *variables, uint32_t index)
{
    assert(index < variables->count);
    drop(&variables->values[index]);
    variables->values[index].state = VALUE_NONE;
}

int variables_add(struct variables *variables, const struct variables *others)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < others->count; i++) {
        const struct value *value = &others->values[i];

        if (value->text)
            r = variables_set(variables, (uint32_t)i,
                              &(struct variable){.text = value->text,
                                                 .len = value->len,
                                                 .json = value->state == VALUE_JSON});
    }
    return r;
}

bool variables_get_own(const struct variables *variables, uint32_t index,
                       struct variable *ret_value)
{
    const struct value *value = &variables->values[index];

    assert(index < variables->count);
    *ret_value = (struct variable){
        .text = value->text, .len = value->len, .json = value->state == VALUE_JSON};
    return value->text != NULL;
}

bool variables_get(const struct variables *variables, uint32_t index,
                   struct variable *ret_value)
{
    for (; variables; variables = variables->base) {
        const struct value *value = &variables->values[index];

        assert(index < variables->count);
        if (value->state == VALUE_OF_BASE)
            continue;
        *ret_value = (struct variable){
            .text = value->text, .len = value->len, .json = value->state == VALUE_JSON};
        return value->state != VALUE_NONE;
    }
    return false;
}
