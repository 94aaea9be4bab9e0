/*
 * What libyaml says about a text that is no YAML, in words for the one who wrote it.
 */
#pragma once

#include <stddef.h>

#include <yaml.h>

struct diag_list;

/*
 * Adds the error that stopped the parser, with a hint of the usual cause.
 * Returns -EINVAL; -ENOMEM, also when memory was what stopped the parser.
 */
int syntax_explain(const yaml_parser_t *parser, const char *file, const char *text,
                   size_t len, struct diag_list *reterr_diags);
