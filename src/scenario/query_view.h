/*
 * What queries look at, by where they stand; and whether the names that they begin with are there. One
 * that is not would be null for ever, and nobody would be told.
 */
#pragma once

struct config_node;
struct making;

enum query_view {
    QUERY_OF_ANSWER,  /* whatever a server answers: any name may be there */
    QUERY_OF_USER,    /* {vars, user, org, last, round} */
    QUERY_OF_REQUEST, /* what a request records */
    QUERY_OF_STRETCH, /* what a group or an iteration records: {duration_ms, failed, vars} */
};

/* Refuses names that are not there, as far as the text tells what they are. Returns 0 or -ENOMEM. */
int query_view_check(struct making *making, const struct config_node *place,
                     enum query_view view, const char *query);
