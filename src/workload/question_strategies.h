/*
 * What each strategy asks, after the opening. One file per strategy: its words, its templates, and
 * the function that writes a question of them.
 */
#pragma once

struct question_pen;

void historical_write(struct question_pen *pen);
void mathematical_write(struct question_pen *pen);
void geographical_write(struct question_pen *pen);
void hypothetical_write(struct question_pen *pen);
void technical_write(struct question_pen *pen);
