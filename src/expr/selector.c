#include "expr/selector.h"

#include <errno.h>
#include <string.h>

static const char blanks[] = " \t";

/* Cuts the blanks at the end off. */
static size_t trimmed(const char *text, size_t len)
{
    while (len > 0 && strchr(blanks, text[len - 1]))
        len--;
    return len;
}

/* Consumes a value: in quotes, or up to the next comma. */
static int take_value(const char **at, struct selector_label *label)
{
    if (**at == '"') {
        const char *end = strchr(*at + 1, '"');

        if (!end)
            return -EINVAL;
        label->value = *at + 1;
        label->value_len = (size_t)(end - label->value);
        *at = end + 1;
        *at += strspn(*at, blanks);
        return 0;
    }
    const size_t len = strcspn(*at, ",\"");

    label->value = *at;
    label->value_len = trimmed(*at, len);
    *at += len;
    return label->value_len > 0 ? 0 : -EINVAL;
}

static int take_label(const char **at, struct selector_label *label)
{
    static const char org[] = "org";

    *at += strspn(*at, blanks);
    const size_t len = strcspn(*at, ":=,\"");

    label->key = *at;
    label->key_len = trimmed(*at, len);
    if (label->key_len == 0 || !(*at)[len] || !strchr(":=", (*at)[len]))
        return -EINVAL;
    if (label->key_len == sizeof(org) - 1 &&
        memcmp(label->key, org, label->key_len) == 0) {
        label->key = "org_id";
        label->key_len = strlen(label->key);
    }
    *at += len + 1;
    *at += strspn(*at, blanks);
    return take_value(at, label);
}

static bool same_key(const struct selector_label *a, const struct selector_label *b)
{
    return a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0;
}

int selector_parse(const char *text, struct selector *ret_selector)
{
    struct selector selector = {0};

    while (*text) {
        struct selector_label *label = &selector.labels[selector.count];

        if (selector.count == SELECTOR_LABELS || take_label(&text, label) < 0)
            return -EINVAL;
        for (size_t i = 0; i < selector.count; i++)
            if (same_key(&selector.labels[i], label))
                return -EINVAL;
        selector.count++;
        if (*text == ',' && text[1] != '\0')
            text++;
        else if (*text)
            return -EINVAL;
    }
    *ret_selector = selector;
    return 0;
}

const struct selector_label *selector_find(const struct selector *selector,
                                           const char *key)
{
    for (size_t i = 0; i < selector->count; i++) {
        const struct selector_label *label = &selector->labels[i];

        if (strlen(key) == label->key_len && memcmp(label->key, key, label->key_len) == 0)
            return label;
    }
    return NULL;
}

bool selector_label_is(const struct selector_label *label, const char *value)
{
    return value && strlen(value) == label->value_len &&
           memcmp(value, label->value, label->value_len) == 0;
}
