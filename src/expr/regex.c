#define PCRE2_CODE_UNIT_WIDTH 8

#include "expr/regex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pcre2.h>

#include "base/cleanup.h"

/*
 * What one search may cost. PCRE2 begins to count its matches anew at each place where a match could
 * begin, so that its limits alone do not bound a search: the callouts, which it makes before each
 * item of a pattern, count how far it went in all. The worst that was found took 25 ms.
 */
#define MAX_MATCHES 1000000
#define MAX_DEPTH 100000
#define MAX_HEAP_KIB 4096
#define MAX_EFFORT 20000000

struct regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    unsigned groups;
    uint64_t effort; /* of this search: characters passed, and one for each step */
    size_t reached;  /* where the last step was */
};

static int count_effort(pcre2_callout_block *block, void *ctx)
{
    struct regex *regex = ctx;
    const size_t at = block->current_position;

    regex->effort +=
        1 + (at > regex->reached ? at - regex->reached : regex->reached - at);
    regex->reached = at;
    return regex->effort > MAX_EFFORT ? PCRE2_ERROR_CALLOUT : 0;
}

static int say_problem(int code, size_t offset, struct regex_error *reterr_error)
{
    reterr_error->offset = offset;
    (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)reterr_error->problem,
                                  sizeof(reterr_error->problem));
    return -EINVAL;
}

DEFINE_CLEANUP(struct regex, regex_free)

int regex_new(const char *pattern, struct regex **ret_regex,
              struct regex_error *reterr_error)
{
    const uint32_t options =
        PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOTALL | PCRE2_AUTO_CALLOUT;
    CLEANUP(regex_freep) struct regex *regex = calloc(1, sizeof(*regex));
    uint32_t groups = 0;
    int code = 0;
    size_t offset = 0;

    if (!regex)
        return -ENOMEM;
    regex->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options,
                                &code, &offset, NULL);
    if (!regex->code)
        return code == PCRE2_ERROR_HEAP_FAILED ? -ENOMEM
                                               : say_problem(code, offset, reterr_error);
    regex->data = pcre2_match_data_create_from_pattern(regex->code, NULL);
    regex->context = pcre2_match_context_create(NULL);
    if (!regex->data || !regex->context)
        return -ENOMEM;
    pcre2_set_match_limit(regex->context, MAX_MATCHES);
    pcre2_set_depth_limit(regex->context, MAX_DEPTH);
    pcre2_set_heap_limit(regex->context, MAX_HEAP_KIB);
    pcre2_set_callout(regex->context, count_effort, regex);
    (void)pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    regex->groups = groups + 1 < REGEX_GROUPS ? groups + 1 : REGEX_GROUPS;
    *ret_regex = TAKE(regex);
    return 0;
}

struct regex *regex_free(struct regex *regex)
{
    if (!regex)
        return NULL;
    pcre2_match_context_free(regex->context);
    pcre2_match_data_free(regex->data);
    pcre2_code_free(regex->code);
    free(regex);
    return NULL;
}

unsigned regex_groups(const struct regex *regex)
{
    return regex->groups;
}

int regex_match(struct regex *regex, const char *subject, size_t len, unsigned group,
                struct regex_span *ret_span)
{
    if (group >= regex->groups)
        return -EINVAL;
    regex->effort = 0;
    regex->reached = 0;
    const int r = pcre2_match(regex->code, (PCRE2_SPTR)subject, len, 0, 0, regex->data,
                              regex->context);

    if (r == PCRE2_ERROR_NOMATCH)
        return 0;
    if (r < 0) /* the pattern compiled, so that only a limit is left */
        return -E2BIG;
    const size_t *ends = pcre2_get_ovector_pointer(regex->data) + (size_t)2 * group;

    *ret_span = (struct regex_span){0};
    /* \K can put the beginning of a match behind its end. */
    if (ends[0] != PCRE2_UNSET && ends[0] <= ends[1])
        *ret_span = (struct regex_span){subject + ends[0], ends[1] - ends[0]};
    return 1;
}
