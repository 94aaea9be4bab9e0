/*
 * How people take what they get: the retries, patience, reading, chaos and SLOs of a step are its own, else
 * its class's, else the scenario's, each as a whole; retries may be the target's too.
 */
#pragma once

#include <stdint.h>

struct breaker_form;
struct class_form;
struct making;
struct plan_breaker;
struct plan_retry;
struct plan_slo;
struct manners_form;
struct plan_step;
struct retry_form;
struct slo_form;
struct step_form;

/*
 * Gives a step its manners. scenario: of all steps; NULL: they say nothing of this one. class_form: NULL for
 * steps of the whole run; target: where it goes, an index. Each returns 0, with mistakes added; -ENOMEM.
 */
int make_manners(struct making *making, const struct manners_form *scenario,
                 const struct step_form *form, const struct class_form *class_form,
                 uint32_t target, struct plan_step *step);

/* The names of all outcomes, NULL-terminated: test_vocabulary compares them. */
extern const char *const outcome_words[];

/* The retries of a form; NULL where it is not written. */
int make_retry(struct making *making, const struct retry_form *form,
               const struct plan_retry **ret_retry);

/* The SLOs of a form; NULL where it names none. */
int make_slo(struct making *making, const struct slo_form *form,
             const struct plan_slo **ret_slo);

/* The circuit breaker of a target. */
int make_breaker(struct making *making, const struct breaker_form *form,
                 struct plan_breaker *ret_breaker);
