/*
 * dump_rows.c - rows of weights as hex floats, for tests in other languages.
 *
 * Each line of standard input: settings TAB times. Of standard output: kappa, gamma, pull,
 * restore, gain, then the weights; or "error" and the message. Five zeros where there is no spring.
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

			printf("%a %a %a %a %a", s->kappa, s->gamma, s->pull, s->restore, s->gain);
			for (size_t i = 0; i < r->time.count; i++)
				printf(" %a", r->weight[i]);
			putchar('\n');
		}
		bl_plan_free(&plan);
	}
	return ferror(stdin) || fflush(stdout) != 0;
}
