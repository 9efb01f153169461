/* safetensors_headers.c - headers that files have in common, but for their metadata. */
#include "safetensors.h"

#include <stdlib.h>
#include <string.h>

const struct bl_safetensors_header *bl_safetensors_header_find(
	const struct bl_safetensors_headers *list, const struct bl_safetensors_rest *rest)
{
	const struct bl_safetensors_header *h = rest->text ? list->first : NULL;

	while (h && !(h->rest && h->behind == rest->behind && h->length == rest->length &&
			     memcmp(h->rest, rest->text, h->length) == 0))
		h = h->next;
	return h;
}

/* Notes the text by which a header can be found again. */
static int keep_rest(struct bl_safetensors_header *h, const struct bl_safetensors_rest *rest,
	struct bl_err *err)
{
	if (!rest->text)
		return 0;
	h->rest = malloc(rest->length + 1);
	if (!h->rest)
		return bl_fail_memory(err, rest->length, "a header");
	memcpy(h->rest, rest->text, rest->length);
	h->length = rest->length;
	h->behind = rest->behind;
	return 0;
}

static void free_header(struct bl_safetensors_header *h)
{
	bl_catalog_free(&h->cat);
	free(h->begin);
	free(h->rest);
	free(h);
}

int bl_safetensors_header_read(struct bl_safetensors_headers *list, struct bl_json *json,
	uint64_t values, struct bl_catalog *meta, const struct bl_safetensors_header **header,
	struct bl_err *err)
{
	struct bl_safetensors_header *h = calloc(1, sizeof *h);
	struct bl_safetensors_rest rest;
	int rc;

	if (!h)
		return bl_fail_memory(err, sizeof *h, "a header");
	rc = bl_safetensors_parse(json, list, meta, h, &rest, header, err);
	if (rc == 0 && *header) {
		rc = bl_safetensors_check_known(*header, meta, values, err);
	} else if (rc == 0 && (rc = bl_safetensors_check(h, meta, values, err)) == 0 &&
		   (rc = keep_rest(h, &rest, err)) == 0) {
		h->next = list->first;
		list->first = h;
		*header = h;
		return 0;
	}
	free_header(h);
	return rc;
}

void bl_safetensors_headers_free(struct bl_safetensors_headers *list)
{
	while (list->first) {
		struct bl_safetensors_header *h = list->first;

		list->first = h->next;
		free_header(h);
	}
}

size_t bl_safetensors_headers_bytes(const struct bl_safetensors_headers *list)
{
	size_t bytes = 0;

	for (const struct bl_safetensors_header *h = list->first; h; h = h->next)
		bytes += sizeof *h + bl_catalog_bytes(&h->cat) +
			h->cat.tensors * sizeof *h->begin + h->length;
	return bytes;
}
