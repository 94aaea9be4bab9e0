#include "config/scalar.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "base/suggest.h"
#include "config/credential.h"

/* How a type is called and written. */
struct type_words {
    const char *name;    /* with its article */
    const char *example; /* what to write */
};

static const struct type_words type_words[] = {
    [FIELD_BOOL] = {"true or false", "true or false"},
    [FIELD_COUNT] = {"a whole number", "a whole number such as 50"},
    [FIELD_NUMBER] = {"a number", "a number such as 0.7"},
    [FIELD_DURATION] = {"a duration", "one such as 500ms, 5s or 2m30s"},
    [FIELD_SIZE] = {"a size", "one such as 512, 64KiB or 8MiB"},
    [FIELD_FRACTION] = {"a fraction", "one such as 5% or 0.05"},
    [FIELD_MONEY] = {"an amount of money", "one such as 10.00 USD"},
    [FIELD_RATE] = {"a rate", "one such as 5/s or 300/m"},
    [FIELD_SPEED] = {"a speed", "one such as 2KiB/s"},
    [FIELD_TEXT] = {"a text", "a text"},
    [FIELD_SECRET] = {"a secret", "${NAME}, or {file: path}"},
    [FIELD_CHOICE] = {"a word", "one of the words"},
    [FIELD_MAP] = {"a map", "'key: value' lines"},
    [FIELD_LIST] = {"a list", "'- item' lines, or [one, two]"},
    [FIELD_KEYED] = {"a map of names", "'name: …' lines"},
    [FIELD_PAIRS] = {"a map of texts", "'key: text' lines"},
    [FIELD_NODE] = {"anything", "a value"},
    [FIELD_PARTS] = {"a map of names", "'name: …' lines"},
    [FIELD_REFUSED] = {"nothing", "nothing"},
};

const char *config_type_name(enum field_type type)
{
    return type_words[type].name;
}

bool scalar_is_type(enum field_type type)
{
    return type <= FIELD_CHOICE && type != FIELD_SECRET;
}

static int parse_bool(const char *text, bool *ret_truth)
{
    const bool truth = strcmp(text, "true") == 0;

    if (!truth && strcmp(text, "false") != 0)
        return -EINVAL;
    *ret_truth = truth;
    return 0;
}

/* What has two meanings in two versions of YAML has none here. */
static int parse_count(const char *text, uint64_t *ret_count)
{
    if (text[0] == '0' && text[1] != '\0')
        return -EINVAL;
    return quantity_parse_count(text, ret_count);
}

static int parse_choice(const char *const *words, const char *text, uint32_t *ret_choice)
{
    for (uint32_t i = 0; words[i]; i++) {
        if (strcmp(words[i], text) == 0) {
            *ret_choice = i;
            return 0;
        }
    }
    return -EINVAL;
}

int scalar_parse(enum field_type type, const char *const *words, const char *text,
                 struct scalar *ret_scalar)
{
    ret_scalar->type = type;
    switch (type) {
    case FIELD_BOOL:
        return parse_bool(text, &ret_scalar->truth);
    case FIELD_COUNT:
        return parse_count(text, &ret_scalar->whole);
    case FIELD_NUMBER:
        return quantity_parse_number(text, &ret_scalar->number);
    case FIELD_DURATION:
        return quantity_parse_duration(text, &ret_scalar->whole);
    case FIELD_SIZE:
        return quantity_parse_size(text, &ret_scalar->whole);
    case FIELD_FRACTION:
        return quantity_parse_fraction(text, &ret_scalar->number);
    case FIELD_MONEY:
        return quantity_parse_money(text, &ret_scalar->pusd);
    case FIELD_RATE:
        return quantity_parse_rate(text, &ret_scalar->number);
    case FIELD_SPEED:
        return quantity_parse_speed(text, &ret_scalar->whole);
    case FIELD_TEXT:
        ret_scalar->text = text;
        return 0;
    case FIELD_CHOICE:
        return parse_choice(words, text, &ret_scalar->choice);
    case FIELD_SECRET:
    case FIELD_MAP:
    case FIELD_LIST:
    case FIELD_KEYED:
    case FIELD_PAIRS:
    case FIELD_NODE:
    case FIELD_PARTS:
    case FIELD_REFUSED:
        break;
    }
    return -EINVAL;
}

/* The sign of a − b; texts, truths and choices have no order. */
static int compare(const struct scalar *a, const struct scalar *b)
{
    switch (a->type) {
    case FIELD_COUNT:
    case FIELD_DURATION:
    case FIELD_SIZE:
    case FIELD_SPEED:
        return (a->whole > b->whole) - (a->whole < b->whole);
    case FIELD_NUMBER:
    case FIELD_FRACTION:
    case FIELD_RATE:
        return (a->number > b->number) - (a->number < b->number);
    case FIELD_MONEY:
        return (a->pusd > b->pusd) - (a->pusd < b->pusd);
    case FIELD_BOOL:
    case FIELD_TEXT:
    case FIELD_SECRET:
    case FIELD_CHOICE:
    case FIELD_MAP:
    case FIELD_LIST:
    case FIELD_KEYED:
    case FIELD_PAIRS:
    case FIELD_NODE:
    case FIELD_PARTS:
    case FIELD_REFUSED:
        break;
    }
    return 0;
}

/* The member of the union that counts, and its size. */
static const void *bytes_of(const struct scalar *scalar, size_t *ret_size)
{
    switch (scalar->type) {
    case FIELD_BOOL:
        *ret_size = sizeof(scalar->truth);
        return &scalar->truth;
    case FIELD_COUNT:
    case FIELD_DURATION:
    case FIELD_SIZE:
    case FIELD_SPEED:
        *ret_size = sizeof(scalar->whole);
        return &scalar->whole;
    case FIELD_NUMBER:
    case FIELD_FRACTION:
    case FIELD_RATE:
        *ret_size = sizeof(scalar->number);
        return &scalar->number;
    case FIELD_MONEY:
        *ret_size = sizeof(scalar->pusd);
        return &scalar->pusd;
    case FIELD_TEXT:
        *ret_size = sizeof(scalar->text);
        return (const void *)&scalar->text;
    case FIELD_CHOICE:
        *ret_size = sizeof(scalar->choice);
        return &scalar->choice;
    case FIELD_SECRET:
    case FIELD_MAP:
    case FIELD_LIST:
    case FIELD_KEYED:
    case FIELD_PAIRS:
    case FIELD_NODE:
    case FIELD_PARTS:
    case FIELD_REFUSED:
        break;
    }
    *ret_size = 0;
    return scalar;
}

size_t scalar_size(enum field_type type)
{
    const struct scalar scalar = {.type = type};
    size_t size;

    (void)bytes_of(&scalar, &size);
    return size;
}

void scalar_store(const struct scalar *scalar, void *member)
{
    size_t size;
    const void *bytes = bytes_of(scalar, &size);

    memcpy(member, bytes, size);
}

/* 12e3 → 12000, for whole numbers that a hint can spell out. */
static bool spell_out_exponent(const char *text, struct buf *hint)
{
    const size_t mantissa = strspn(text, "0123456789");
    const char *power = text + mantissa + 1;

    if (mantissa == 0 || (text[mantissa] | 0x20) != 'e')
        return false;
    power += *power == '+';
    if (power[0] < '1' || power[0] > '9' || power[1] != '\0')
        return false;
    buf_printf(hint, "write %.*s", (int)mantissa, text);
    for (char zeros = *power; zeros > '0'; zeros--)
        buf_append_char(hint, '0');
    return true;
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++) {
        if (strcasecmp(text, *words) == 0)
            return true;
    }
    return false;
}

static void advise_bool(const char *text, struct buf *hint)
{
    static const char *const yes[] = {"yes", "y", "on", "1", "true", NULL};
    static const char *const no[] = {"no", "n", "off", "0", "false", NULL};

    if (is_one_of(text, yes))
        buf_append_str(hint, "write true");
    else if (is_one_of(text, no))
        buf_append_str(hint, "write false");
}

static void advise_count(const char *text, struct buf *hint)
{
    const size_t digits = strspn(text, "0123456789");
    const size_t zeros = strspn(text, "0");

    if (spell_out_exponent(text, hint))
        return;
    if (zeros > 0 && digits > zeros && text[digits] == '\0')
        buf_printf(hint, "write %s: a leading zero means octal to some readers",
                   text + zeros);
    else if (*text == '-')
        buf_append_str(hint, "it cannot be negative");
    else if (digits > 0 && text[digits] == ',')
        buf_append_str(hint, "write it without commas; 1_000_000 is allowed");
}

static void advise_duration(const char *text, struct buf *hint)
{
    double number;

    if (quantity_parse_number(text, &number) < 0)
        return;
    if (number < 0)
        buf_append_str(hint, "it cannot be negative");
    else
        buf_printf(hint, "it needs a unit: write %ss or %sms", text, text);
}

static void advise_choice(const struct field *field, const char *text, struct buf *hint)
{
    size_t count = 0;
    const char *meant;

    while (field->words[count])
        count++;
    meant = suggest_name(text, field->words, count);
    if (meant)
        buf_printf(hint, "did you mean '%s'? ", meant);
    buf_append_str(hint, meant ? "there are " : "write one of ");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_append_str(hint, i + 1 == count ? " and " : ", ");
        buf_append_str(hint, field->words[i]);
    }
}

/* What to write instead of a text that is not of the type. */
static void advise(const struct field *field, enum field_type type,
                   const struct config_node *node, struct buf *hint)
{
    if (node->from_env) {
        buf_printf(hint, "the environment must hold %s", type_words[type].example);
        return;
    }
    if (type == FIELD_BOOL)
        advise_bool(node->written, hint);
    else if (type == FIELD_COUNT || type == FIELD_NUMBER)
        advise_count(node->written, hint);
    else if (type == FIELD_DURATION)
        advise_duration(node->written, hint);
    else if (type == FIELD_CHOICE)
        advise_choice(field, node->written, hint);
    if (hint->len == 0)
        buf_printf(hint, "write %s", type_words[type].example);
}

static int refuse_type(const struct field *field, enum field_type type,
                       const struct config_node *node, struct diag_list *reterr_diags)
{
    struct buf hint = BUF_INIT(512);
    int r;

    advise(field, type, node, &hint);
    r = buf_error(&hint) == -ENOMEM ? -ENOMEM : 0;
    if (r == 0 && type == FIELD_CHOICE)
        r = diag_add(reterr_diags, node->place, buf_str(&hint),
                     "%s: '%s' is not one of its words", field->key, node->written);
    else if (r == 0)
        r = diag_add(reterr_diags, node->place, buf_str(&hint), "%s: '%s' is not %s",
                     field->key, node->written, type_words[type].name);
    buf_deinit(&hint);
    return r;
}

/* A bound is written as in a file, or is not there. */
static bool is_beyond(const struct field *field, const struct scalar *scalar,
                      const char *bound, int side)
{
    struct scalar limit;

    if (!bound || scalar_parse(scalar->type, field->words, bound, &limit) < 0)
        return false;
    return compare(scalar, &limit) * side > 0;
}

static int check_range(const struct field *field, const struct config_node *node,
                       const struct scalar *scalar, struct diag_list *reterr_diags)
{
    char hint[160];

    if (is_beyond(field, scalar, field->min, -1)) {
        (void)snprintf(hint, sizeof(hint), "write %s or more", field->min);
        return diag_add(reterr_diags, node->place, hint, "%s: '%s' is too small",
                        field->key, node->written);
    }
    if (is_beyond(field, scalar, field->max, 1)) {
        (void)snprintf(hint, sizeof(hint), "write %s or less", field->max);
        return diag_add(reterr_diags, node->place, hint, "%s: '%s' is too large",
                        field->key, node->written);
    }
    return 0;
}

static int refuse_kind(const struct field *field, enum field_type type,
                       const struct config_node *node, struct diag_list *reterr_diags)
{
    char hint[160];

    if (node->kind == CONFIG_NULL) {
        (void)snprintf(hint, sizeof(hint), "write %s, or leave the key out",
                       type_words[type].example);
        return diag_add(reterr_diags, node->place, hint, "%s has no value", field->key);
    }
    (void)snprintf(hint, sizeof(hint), "write %s", type_words[type].example);
    return diag_add(reterr_diags, node->place, hint, "%s: %s where %s should be",
                    field->key, config_kind_name(node->kind), type_words[type].name);
}

static int refuse_empty(const struct field *field, const struct config_node *node,
                        struct diag_list *reterr_diags)
{
    if (node->from_env)
        return diag_add(reterr_diags, node->place, "give the variable a value",
                        "%s: '%s' is set, but empty", field->key, node->written);
    return diag_add(reterr_diags, node->place, "write something, or leave the key out",
                    "%s is empty", field->key);
}

int scalar_fill(struct config_tree *tree, const struct field *field, enum field_type type,
                const struct config_node *node, void *member,
                struct diag_list *reterr_diags)
{
    struct scalar scalar;
    int r;

    if (node->broken)
        return -EINVAL;
    if (type == FIELD_SECRET && node->kind == CONFIG_MAP)
        return credential_from_file(tree, field, node, member, reterr_diags);
    if (node->kind != CONFIG_SCALAR)
        return refuse_kind(field, type, node, reterr_diags);
    if (*node->text == '\0')
        return refuse_empty(field, node, reterr_diags);
    if (type == FIELD_SECRET)
        return credential_from_text(tree, field, node, member, reterr_diags);
    r = scalar_parse(type, field->words, node->text, &scalar);
    if (r == -ERANGE)
        return diag_add(reterr_diags, node->place, NULL, "%s: '%s' is out of range",
                        field->key, node->written);
    if (r < 0)
        return refuse_type(field, type, node, reterr_diags);
    r = check_range(field, node, &scalar, reterr_diags);
    if (r < 0)
        return r;
    scalar_store(&scalar, member);
    return 0;
}
