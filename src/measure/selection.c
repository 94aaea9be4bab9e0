#include "measure/selection.h"

#include <stdlib.h>
#include <string.h>

#include "measure/dimension.h"
#include "measure/drift.h"

static const struct selection *find(const struct selections *selections, const char *text)
{
    for (size_t i = 0; i < selections->count; i++)
        if (strcmp(selections->each[i].text, text) == 0)
            return &selections->each[i];
    return NULL;
}

const struct drift *selections_drift(const struct selections *selections,
                                     const char *text)
{
    const struct selection *selection = find(selections, text);

    return selection ? selection->drift : NULL;
}

const struct series *selections_find(const struct selections *selections,
                                     const char *text)
{
    const struct selection *selection = find(selections, text);

    return selection ? &selection->series : NULL;
}

uint64_t selections_since_ns(const struct selections *selections, const char *text)
{
    const struct selection *selection = find(selections, text);

    return selection ? selection->since_ns : 0;
}

/* Adds a selector, unless it is there, is none, or there is no room. */
static void add(struct selections *selections, const char *text, uint64_t since_ns)
{
    struct selection *selection = &selections->each[selections->count];

    if (selections->count == PLAN_SELECTORS || !*text || find(selections, text) ||
        selector_parse(text, &selection->selector) < 0)
        return;
    selection->text = text;
    selection->since_ns = since_ns;
    selection->prompt_size = selector_find(&selection->selector, "prompt_size");
    selection->check = selector_find(&selection->selector, "check");
    series_init(&selection->series, HISTOGRAM_FINE);
    selections->count++;
}

void selections_init(struct selections *selections, const struct plan *plan)
{
    *selections = (struct selections){0};
    for (size_t i = 0; i < plan->threshold_count; i++)
        add(selections, plan->thresholds[i].selector, 0);
}

/* Whether a threshold before this one has its selector. */
static bool is_repeated(const struct plan *plan, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(plan->thresholds[i].selector, plan->thresholds[index].selector) == 0)
            return true;
    return false;
}

bool selections_have_room(const struct selections *selections, const struct plan *plan)
{
    size_t count = selections->count;

    for (size_t i = 0; i < plan->threshold_count; i++) {
        const char *text = plan->thresholds[i].selector;

        count += *text && !find(selections, text) && !is_repeated(plan, i);
    }
    return count <= PLAN_SELECTORS;
}

void selections_add(struct selections *selections, const struct plan *plan,
                    uint64_t now_ns)
{
    for (size_t i = 0; i < plan->threshold_count; i++)
        add(selections, plan->thresholds[i].selector, now_ns);
    /* Label sets that are known already are matched anew. */
    if (selections->mask_count > 0)
        memset(selections->masks, 0, selections->mask_count * sizeof(*selections->masks));
}

void selections_follow(struct selections *copy, const struct selections *from)
{
    for (size_t i = copy->count; i < from->count; i++)
        add(copy, from->each[i].text, from->each[i].since_ns);
}

void selections_deinit(struct selections *selections)
{
    for (size_t i = 0; i < selections->count; i++) {
        series_deinit(&selections->each[i].series);
        drift_free(selections->each[i].drift);
    }
    free(selections->masks);
    *selections = (struct selections){0};
}

/* Masks of all sets up to id; false when memory is out. */
static bool reserve(struct selections *selections, uint32_t id)
{
    const size_t now = selections->mask_count;
    const size_t grown = (size_t)id + 1 > now * 2 ? (size_t)id + 1 : now * 2;
    uint64_t *masks;

    if (id < now)
        return true;
    masks = reallocarray(selections->masks, grown, sizeof(*masks));
    if (!masks)
        return false;
    memset(&masks[now], 0, (grown - now) * sizeof(*masks));
    selections->masks = masks;
    selections->mask_count = grown;
    return true;
}

/* Whether each label that a selector names is in the set; sets past the limit are `other`. */
static bool matches(const struct selection *selection, const struct labels *labels,
                    uint32_t id)
{
    size_t count = 0;
    const struct label *set = labels_of(labels, id, &count);
    size_t met = (size_t)(selection->prompt_size != NULL) + (selection->check != NULL);

    if (id == LABELS_OTHER) {
        for (size_t i = 0; i < selection->selector.count; i++)
            met += selector_label_is(&selection->selector.labels[i], DIMENSION_OTHER);
        return met == selection->selector.count;
    }
    for (size_t i = 0; i < count; i++) {
        const struct selector_label *label =
            selector_find(&selection->selector, set[i].key);

        met += label && label != selection->prompt_size && label != selection->check &&
               selector_label_is(label, set[i].value);
    }
    return met == selection->selector.count;
}

uint64_t selections_match(struct selections *selections, const struct labels *labels,
                          uint32_t id)
{
    uint64_t mask = SELECTION_KNOWN;

    if (!reserve(selections, id))
        return 0;
    for (size_t i = 0; i < selections->count; i++)
        if (matches(&selections->each[i], labels, id))
            mask |= UINT64_C(1) << i;
    selections->masks[id] = mask;
    return mask;
}

bool selection_takes_check(const struct selection *selection, const char *check)
{
    return !selection->prompt_size &&
           (!selection->check || selector_label_is(selection->check, check));
}

bool selection_takes_size(const struct selection *selection, uint64_t prompt_tokens)
{
    if (selection->check)
        return false;
    return !selection->prompt_size ||
           (prompt_tokens > 0 && selector_label_is(selection->prompt_size,
                                                   dimension_prompt_size(prompt_tokens)));
}
