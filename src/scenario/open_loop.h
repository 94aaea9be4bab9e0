/*
 * The open loop in the making: what `arrivals` says, for a load whose phases have rates.
 */
#pragma once

struct making;

/* The plan's arrivals; its phases are made. Returns 0, with mistakes added; -ENOMEM. */
int make_open_loop(struct making *making);

/* Of a load without rates: `arrivals` has no meaning there. Likewise. */
int refuse_arrivals(struct making *making);
