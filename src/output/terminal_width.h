/*
 * The width of a terminal, which changes while a run goes on.
 */
#pragma once

/* Columns of the terminal behind a descriptor, at least 40; 0 where there is none. */
int terminal_columns_of(int fd);
