/* The upstream's answers → those of the proxy's server, and what it says itself where there is none. */
#pragma once

#include <stdint.h>

struct serve_request;
struct transfer;
struct transfer_result;

/* An interim answer's head. Returns as serve_interim(). */
int relay_interim(struct serve_request *request, const struct transfer *transfer,
                  uint16_t status);

/* The head of the answer. Returns as serve_relay_open(). */
int relay_head(struct serve_request *request, const struct transfer *transfer,
               uint16_t status);

/* Answers that no answer came, and why. Returns the status: 502, or 504 where time ran out. */
uint16_t relay_failure(struct serve_request *request,
                       const struct transfer_result *result);

/* Answers with an error of the form that clients of OpenAI's API show. */
void relay_refusal(struct serve_request *request, int status, const char *sentence);
