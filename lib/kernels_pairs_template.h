/*
 * kernels_pairs_template.h - the loop over pairs of values of kernels.h, for one instruction set.
 *
 * Included by kernels_template.h. A pair is judged in lanes, by masks; whether one of them is worth
 * a place among the extremes is all that is told, as that is seldom so.
 */

/* For codes of one width: a sign and a size. steps: false for a loop that knows of no codes. */
#define PAIRS(name, word, steps)                                                                   \
	typedef word NAME(name##_codes)                                                            \
		__attribute__((vector_size(LANES * sizeof(word)), aligned(sizeof(word)),           \
			may_alias));                                                               \
                                                                                                   \
	TARGET static void NAME(name)(struct bl_pairs *p, const double *x, const double *y,        \
		const void *a, const void *b, size_t n)                                            \
	{                                                                                          \
		const unsigned top = 8 * sizeof(word) - 1;                                         \
		const int64_t given = p->given ? -1 : 0;                                           \
		NAME(bits) differing = {0}, beyond = {0}, more = {0};                              \
                                                                                                   \
		for (size_t j = 0; j < n; j += LANES) {                                            \
			const NAME(lanes) u = FROM(x + j), v = FROM(y + j);                        \
			const NAME(lanes) size = (NAME(lanes))((NAME(bits))v & INT64_MAX);         \
			const NAME(lanes) apart = (NAME(lanes))((NAME(bits))(u - v) & INT64_MAX);  \
			const NAME(bits) differ = (NAME(bits))u != (NAME(bits))v;                  \
			NAME(bits) near = apart <= p->abs + p->rel * size;                         \
			NAME(bits) most = (apart > p->most_abs) |                                  \
				((size > 0) & (apart / size > p->most_rel));                       \
                                                                                                   \
			if (steps) {                                                               \
				const NAME(counts) f = __builtin_convertvector(                    \
					CODES(name, word, a), NAME(counts));                       \
				const NAME(counts) g = __builtin_convertvector(                    \
					CODES(name, word, b), NAME(counts));                       \
				const NAME(counts) from = PLACE(f), to = PLACE(g);                 \
				const NAME(counts) back = (NAME(counts))(                          \
					(NAME(bits))from > (NAME(bits))to);                        \
				const NAME(counts) count = ((to - from) ^ back) - back;            \
                                                                                                   \
				near |= (NAME(bits))(count <= p->ulp);                             \
				most |= (NAME(bits))(count > p->most_steps);                       \
			}                                                                          \
			differing -= differ;                                                       \
			beyond -= differ & ~(near & given);                                        \
			more |= differ & most;                                                     \
		}                                                                                  \
		p->differing = p->beyond = 0;                                                      \
		p->more = false;                                                                   \
		for (size_t k = 0; k < LANES; k++) {                                               \
			p->differing += (size_t)differing[k];                                      \
			p->beyond += (size_t)beyond[k];                                            \
			p->more |= more[k] != 0;                                                   \
		}                                                                                  \
	}

typedef uint64_t NAME(counts) __attribute__((vector_size(WIDTH)));

#define CODES(name, word, from) (*(const NAME(name##_codes) *)((const word *)(from) + j))

/* A number that grows by one from a value to the next, and is negative as they are. */
#define PLACE(code)                                                                                \
	((((code) & (((uint64_t)1 << top) - 1)) ^ (0 - ((code) >> top))) + ((code) >> top))

PAIRS(pairs_none, uint64_t, false)
PAIRS(pairs_8, uint8_t, true)
PAIRS(pairs_16, uint16_t, true)
PAIRS(pairs_32, uint32_t, true)
PAIRS(pairs_64, uint64_t, true)

#undef PLACE
#undef CODES
#undef PAIRS
