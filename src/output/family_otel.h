/*
 * OpenTelemetry's names for what clients of generative AI measure, as Prometheus writes them: dots become
 * underscores, units a suffix ("Semantic conventions for generative AI metrics", status Development;
 * "Prometheus and OpenMetrics compatibility").
 *
 * Attributes: gen_ai_operation_name, gen_ai_provider_name, gen_ai_request_model, server_address,
 * server_port, of tokens gen_ai_token_type; beside them throng's own backend, step and region. Failed
 * requests are in none of them, hence there is no error_type: they have no duration that is one of an
 * answer, and are counted in throng_errors_total.
 */
#pragma once

#include <stdbool.h>

struct buf;
struct exposition;
struct family;
struct metric_text;

/*
 * Whether what models answered is shown under OpenTelemetry's name; the rest of the family (requests that no
 * model was asked by) stays under its own.
 */
bool family_is_otel(const struct family *family, const struct exposition *exposition);

/* Writes what models answered of a family of which that holds, with HELP and TYPE. */
void family_write_otel(const struct family *family, const struct exposition *exposition,
                       struct metric_text *text);

/* Appends the table of both names as Markdown. */
void family_otel_reference(struct buf *out);
