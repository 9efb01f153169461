#!/bin/sh
# folder_config.sh - config.json names the type of the weights, and --dtype another
. "$data/../cli/kit/kit.sh"

mkdir ck-1
tensors ck-1/model.safetensors w:F32:1:1
avg() {
	rm -rf avg
	belay-avg -q --no-provenance "$@" ck-1 -o avg || echo "exit $?"
}
# What becomes of some text; the same where nothing is printed.
config() {
	cat >ck-1/config.json
	avg --dtype bf16
	diff ck-1/config.json avg/config.json
}

cat >ck-1/config.json <<'EOF'
{
  "architectures": ["GPT2LMHeadModel"],
  "torch_dtype": "float32",
  "transformers_version": "4.40.0"
}
EOF
for dtype in f64 f32 f16 bf16; do
	avg --dtype $dtype
	cat avg/config.json
done
avg
cmp avg/config.json ck-1/config.json
avg --dtype same
cmp avg/config.json ck-1/config.json
avg --dtype f16 --copy '*'
cmp avg/config.json ck-1/config.json

echo all:
config <<'EOF'
{"dtype":"float16", "torch_dtype" : "torch.float32","text_config":{"dtype":"float32","n":{"dtype":
"float32"}},"a":[{"dtype":"float32"}],
"vision_config":{"torch_dtype":"float64"},
"quantization_config":{"dtype":"float32"},
"other":{"dtype":"float32"}, "\u0064type":"float32",
"_config":{"dtype":"float32"}}
EOF
echo python:
config <<'EOF'
{"limits": [0.0, Infinity, -Infinity, NaN], "s": "NaN \" Infinity \\", "t": NaN,
"dtype": "float32"}
EOF
printf '\r\n{"dtype":\t"float32"}  \r\n\n' | config
# A key last of all, many of them.
{
	printf '{'
	for i in 0 1 2 3 4 5 6 7 8 9; do
		printf '"x%d_config": {"dtype": "float32", "torch_dtype": "float32"},\n' $i
	done
	echo '"dtype": "float32"}'
} | config | tail -n 4
echo none:
config <<'EOF'
{"torch_dtype": null, "dtype": "auto", "text_config": null, "d_config": {"dtype": "int8"}, "type":
"float32", "dtypes": "float32"}
EOF
for text in '{"dtype": 32}' '{"dtype": "float3"}' '{"dtype": ["float32"]}' '{}' '[]' '"dtype"' \
	'' '{"dtype": "float32"' '{"dtype": "float32"} {' '{"dtype": "float32", }' \
	'{dtype: "float32"}' '{"dtype": "float32", "s": "\' '["dtype", "float32"]'; do
	printf '%s\n' "$text" | config
done
{
	printf '{"dtype": "float32", "x": "'
	head -c 5000000 /dev/zero | tr '\0' x
	echo '"}'
} | config
