#include "expr/query_plain.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"

/* What an evaluation goes over: a value, or at its beginning what the roots make up. */
struct evaluation {
    const struct query_root *roots;
    size_t count;
    jv made; /* null, or a list of texts: values may borrow from them */
};

/* The keys of a root's path, one after the other. */
struct key {
    const char *text;
    size_t len;
};

static struct key first_key(const char *path)
{
    return (struct key){path, strcspn(path, ".")};
}

static struct key next_key(struct key key)
{
    return key.text[key.len] ? first_key(key.text + key.len + 1)
                             : (struct key){key.text + key.len, 0};
}

enum fit {
    FIT_NONE,   /* it stands elsewhere */
    FIT_WITHIN, /* the path leads into the root */
    FIT_ABOVE,  /* the root is a part of what stands at the path */
    FIT_UNFIT,  /* the path wants a list where the root makes an object */
};

/* How a path goes with a root; ret_used: its steps that lead there. */
static enum fit fit_of(const char *path, const struct query_step *steps, size_t count,
                       size_t *ret_used)
{
    size_t used = 0;

    for (struct key key = first_key(path); key.len > 0; key = next_key(key), used++) {
        if (used == count)
            return FIT_ABOVE;
        if (!steps[used].key)
            return FIT_UNFIT;
        if (steps[used].key_len != key.len ||
            memcmp(steps[used].key, key.text, key.len) != 0)
            return FIT_NONE;
    }
    *ret_used = used;
    return FIT_WITHIN;
}

static jv path_of(const char *path)
{
    jv keys = jv_array();

    for (struct key key = first_key(path); key.len > 0; key = next_key(key))
        keys = jv_array_append(keys, jv_string_sized(key.text, (int)key.len));
    return keys;
}

jv query_input(const struct query_root *roots, size_t count)
{
    jv input = jv_null();

    for (size_t i = 0; i < count && jv_is_valid(input); i++) {
        const struct query_value value = query_value_of_root(&roots[i]);
        jv item = query_value_to_jv(&value);

        if (!jv_is_valid(item)) {
            jv_free(item);
            item = jv_null();
        }
        input = jv_setpath(input, path_of(roots[i].path), item);
    }
    return input;
}

/* What stands at a path that several roots share in, put together by libjq. */
static int look_up_together(struct evaluation *evaluation, const struct query_step *steps,
                            size_t count, struct query_value *ret_value)
{
    const jv input = query_input(evaluation->roots, evaluation->count);

    if (!jv_is_valid(input)) {
        jv_free(input);
        return -EINVAL;
    }
    const jv text = jv_dump_string(input, 0);
    const struct query_value whole = query_value_read(
        jv_string_value(text), (size_t)jv_string_length_bytes(jv_copy(text)));

    if (jv_get_kind(evaluation->made) == JV_KIND_NULL)
        evaluation->made = jv_array();
    evaluation->made = jv_array_append(evaluation->made, text);
    return query_value_walk(&whole, steps, count, ret_value);
}

static int look_up(struct evaluation *evaluation, const struct query_step *steps,
                   size_t count, struct query_value *ret_value)
{
    size_t used = 0;
    bool unfit = false;

    for (size_t i = evaluation->count; i-- > 0;) {
        const struct query_root *root = &evaluation->roots[i];

        switch (fit_of(root->path, steps, count, &used)) {
        case FIT_WITHIN:
            return query_value_walk_root(root, used > 0 ? steps + used : steps,
                                         count - used, ret_value);
        case FIT_ABOVE:
            return look_up_together(evaluation, steps, count, ret_value);
        case FIT_UNFIT:
            unfit = true;
            break;
        case FIT_NONE:
            break;
        }
    }
    *ret_value = (struct query_value){.kind = QUERY_NULL};
    return unfit ? -EINVAL : 0;
}

static struct query_value truth(bool is_true)
{
    return (struct query_value){.kind = is_true ? QUERY_TRUE : QUERY_FALSE};
}

/* input: NULL at the beginning. */
static int evaluate(struct evaluation *evaluation, const struct query_node *node,
                    const struct query_value *input, struct query_value *ret_value);

static int evaluate_path(struct evaluation *evaluation, const struct query_node *node,
                         const struct query_value *input, struct query_value *ret_value)
{
    return input ? query_value_walk(input, node->steps, node->step_count, ret_value)
                 : look_up(evaluation, node->steps, node->step_count, ret_value);
}

/* The input itself, for what works on all of it. */
static int whole_input(struct evaluation *evaluation, const struct query_value *input,
                       struct query_value *ret_value)
{
    if (!input)
        return look_up(evaluation, NULL, 0, ret_value);
    *ret_value = *input;
    return 0;
}

static bool compares(enum query_node_kind kind, int order)
{
    switch (kind) {
    case QUERY_NODE_EQUAL:
        return order == 0;
    case QUERY_NODE_NOT_EQUAL:
        return order != 0;
    case QUERY_NODE_LESS:
        return order < 0;
    case QUERY_NODE_LESS_EQUAL:
        return order <= 0;
    case QUERY_NODE_GREATER:
        return order > 0;
    case QUERY_NODE_GREATER_EQUAL:
        return order >= 0;
    case QUERY_NODE_PATH:
    case QUERY_NODE_LITERAL:
    case QUERY_NODE_LENGTH:
    case QUERY_NODE_NOT:
    case QUERY_NODE_AND:
    case QUERY_NODE_OR:
    case QUERY_NODE_OTHERWISE:
    case QUERY_NODE_PIPE:
        break;
    }
    return false;
}

/* Of two operands: the right one is looked at only where the left one leaves it open. */
// NOLINTNEXTLINE(misc-no-recursion): as deep as evaluate()
static int evaluate_logic(struct evaluation *evaluation, const struct query_node *node,
                          const struct query_value *input, struct query_value *ret_value)
{
    struct query_value left = {0};
    const int r = evaluate(evaluation, node->left, input, &left);
    const bool is_true = query_value_is_true(&left);

    if (r < 0)
        return r;
    if (node->kind == QUERY_NODE_OTHERWISE && is_true) {
        *ret_value = left;
        return 0;
    }
    if (node->kind != QUERY_NODE_OTHERWISE && is_true == (node->kind == QUERY_NODE_OR)) {
        *ret_value = truth(is_true);
        return 0;
    }
    const int right = evaluate(evaluation, node->right, input, ret_value);

    if (right == 0 && node->kind != QUERY_NODE_OTHERWISE)
        *ret_value = truth(query_value_is_true(ret_value));
    return right;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as evaluate()
static int evaluate_comparison(struct evaluation *evaluation,
                               const struct query_node *node,
                               const struct query_value *input,
                               struct query_value *ret_value)
{
    struct query_value left = {0};
    struct query_value right = {0};
    int r = evaluate(evaluation, node->left, input, &left);

    if (r == 0)
        r = evaluate(evaluation, node->right, input, &right);
    if (r == 0)
        *ret_value = truth(compares(node->kind, query_value_compare(&left, &right)));
    return r;
}

/* `length` and `not`. */
static int evaluate_word(struct evaluation *evaluation, const struct query_node *node,
                         const struct query_value *input, struct query_value *ret_value)
{
    struct query_value value = {0};
    const int r = whole_input(evaluation, input, &value);

    if (r < 0)
        return r;
    if (node->kind == QUERY_NODE_NOT) {
        *ret_value = truth(!query_value_is_true(&value));
        return 0;
    }
    *ret_value = (struct query_value){.kind = QUERY_NUMBER};
    return query_value_length(&value, &ret_value->number);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the query, which its length bounds
static int evaluate(struct evaluation *evaluation, const struct query_node *node,
                    const struct query_value *input, struct query_value *ret_value)
{
    struct query_value left = {0};
    int r;

    switch (node->kind) {
    case QUERY_NODE_PATH:
        return evaluate_path(evaluation, node, input, ret_value);
    case QUERY_NODE_LITERAL:
        *ret_value = node->literal;
        return 0;
    case QUERY_NODE_LENGTH:
    case QUERY_NODE_NOT:
        return evaluate_word(evaluation, node, input, ret_value);
    case QUERY_NODE_AND:
    case QUERY_NODE_OR:
    case QUERY_NODE_OTHERWISE:
        return evaluate_logic(evaluation, node, input, ret_value);
    case QUERY_NODE_EQUAL:
    case QUERY_NODE_NOT_EQUAL:
    case QUERY_NODE_LESS:
    case QUERY_NODE_LESS_EQUAL:
    case QUERY_NODE_GREATER:
    case QUERY_NODE_GREATER_EQUAL:
        return evaluate_comparison(evaluation, node, input, ret_value);
    case QUERY_NODE_PIPE:
        r = evaluate(evaluation, node->left, input, &left);
        return r < 0 ? r : evaluate(evaluation, node->right, &left, ret_value);
    }
    return -EINVAL;
}

int query_plain_run(const struct query_node *node, const struct query_root *roots,
                    size_t count, struct buf *out, struct query_result *ret_result)
{
    struct evaluation evaluation = {roots, count, jv_null()};
    struct query_value value = {0};
    int r = evaluate(&evaluation, node, NULL, &value);

    if (r == 0) {
        *ret_result = (struct query_result){value.kind, value.number};
        r = query_value_append(&value, out);
    }
    jv_free(evaluation.made);
    return r;
}
