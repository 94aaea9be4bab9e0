/*
 * Client health: how the load generator itself does of late → one word and a few more, so that a
 * person who watches knows whether the figures beside them can be believed. The grade at the end
 * (measure/trust.h) is of the whole run; this is of the last seconds.
 */
#pragma once

#include <stdbool.h>

struct buf;
struct recent_figures;

enum client_health {
    CLIENT_FINE,
    CLIENT_LATE,   /* requests leave, or timers run, too late */
    CLIENT_BUSY,   /* the loop's core is nearly used up */
    CLIENT_UNSURE, /* of too many chunks it is not known when they arrived */
};

/* The worst that holds, in the order above but for fine. */
enum client_health client_health_of(const struct recent_figures *recent);

/* "fine", "late", "busy", "unsure". */
const char *client_health_name(enum client_health health);

/*
 * What it rests on, the worst first: "requests leave 52.0 ms late, CPU 97% of a core". Where it is
 * not fine, the cause alone is in brief.
 */
void client_health_evidence(const struct recent_figures *recent,
                            enum client_health health, bool brief, struct buf *out);
