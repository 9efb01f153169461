/*
 * dump_rows.c - rows of weights as hex floats, for tests in other languages.
 *
 * Each line of standard input: settings TAB times. Of standard output: kappa, gamma, pull,
 * restore, gain, then the weights; or "error" and the message. Where there is no spring, up to five
 * numbers that the weights were made with, and zeros.
 */
#include "case_text.h"

int main(void)
{
	static struct case_text t;
	static char line[1 << 20];
	char *field[2];

	while (fgets(line, sizeof line, stdin)) {
		struct bl_plan plan;
		struct bl_err err = {0};

		if (!cut(line, field, 2))
			return 2;
		read_times(&t, field[1]);
		if (plan_of(&t, field[0], &plan, &err) != 0) {
			printf("error %.*s\n", (int)strcspn(err.text, "\n"), err.text);
		} else {
			const struct bl_row *r = &plan.row[0];
			const struct bl_spring *s = &r->spring;
			double number[BL_RESOLVED] = {
				s->kappa, s->gamma, s->pull, s->restore, s->gain};
			struct bl_resolved resolved[BL_RESOLVED];
			const size_t n = r->dynamics->resolved
				? r->dynamics->resolved(&t.c, resolved) : 0;

			for (size_t i = 0; i < n; i++)
				number[i] = resolved[i].value;
			for (size_t i = 0; i < 5; i++)
				printf(i ? " %a" : "%a", number[i]);
			for (size_t i = 0; i < r->time.count; i++)
				printf(" %a", r->weight[i]);
			putchar('\n');
		}
		bl_plan_free(&plan);
	}
	return ferror(stdin) || fflush(stdout) != 0;
}
