/*
 * Reading a summary document (result/summary.h): members by path, with what stands for one that is not
 * there, so that documents of older versions can be read.
 */
#pragma once

#include <jansson.h>

/* The member of an object by name, one level deeper with each "/"; NULL where it is not there. */
const json_t *summary_at(const json_t *object, const char *path);

/* Its text, "" where there is none; its number, NAN where there is none; its count, 0. Borrowed. */
const char *summary_text(const json_t *object, const char *path);
double summary_number(const json_t *object, const char *path);
json_int_t summary_count(const json_t *object, const char *path);
