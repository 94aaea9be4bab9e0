/*
 * What a run leaves: facts, or the summary that was made of them → the files of its folder. Each that
 * cannot be written has its verdict, and none keeps the others from being written.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct result_folder;
struct run_facts;
struct verdicts;

/*
 * Writes all files of a run that is over. facts->verdicts is `verdicts`. jsonl: requests.jsonl too.
 * Where summary.json cannot be written, it goes to standard output, so that nothing is lost. Returns the
 * summary, the caller's (json_decref), for those who tell of it; NULL: there is no memory for one.
 */
json_t *results_save(struct result_folder *folder, const struct run_facts *facts,
                     bool jsonl, struct verdicts *verdicts);

/* Of these, those that follow from a summary, and the summary; verdicts: all that it has. */
void results_save_summary(struct result_folder *folder, json_t *summary,
                          struct verdicts *verdicts);

/* scenario.yaml, at the start: text, as scenario_load() gives it. */
void results_save_scenario(struct result_folder *folder, const char *text,
                           struct verdicts *verdicts);
