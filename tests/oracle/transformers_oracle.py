"""transformers_oracle.py - folders of transformers: averaged, loaded by from_pretrained, and the
same as the model averaged in float64 by numpy. Nothing is fetched: models are made here."""
import json
import os
import shutil
import tempfile

os.environ.update(HF_HUB_OFFLINE='1', TRANSFORMERS_VERBOSITY='error',
                  HF_HUB_DISABLE_PROGRESS_BARS='1', TOKENIZERS_PARALLELISM='false')

import tap  # noqa: E402

np, torch, transformers = tap.need('numpy', 'torch', 'transformers')

VOCABULARY = 40
STEPS = (100, 200, 300, 400)
# A type's name in config.json, and to --dtype.
TYPES = {torch.float64: ('float64', 'f64'), torch.float32: ('float32', 'f32'),
         torch.float16: ('float16', 'f16'), torch.bfloat16: ('bfloat16', 'bf16')}
box = tempfile.TemporaryDirectory(prefix='belay-transformers-')


def path(*names):
    return os.path.join(box.name, *names)


def read(*names):
    with open(path(*names), 'rb') as f:
        return f.read()


def gpt2():
    """Its head is tied to its embedding, and is in no file."""
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(
        vocab_size=VOCABULARY, n_positions=16, n_embd=32, n_layer=2, n_head=2, bos_token_id=0,
        eos_token_id=1, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0))


def llama():
    """Not tied."""
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=32, bos_token_id=0,
        eos_token_id=1, tie_word_embeddings=False))


def bert():
    """Tied, with a bias that is tied too."""
    return transformers.BertForMaskedLM(transformers.BertConfig(
        vocab_size=VOCABULARY, hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=48, max_position_embeddings=32, hidden_dropout_prob=0,
        attention_probs_dropout_prob=0))


def tokenizer():
    """A tokenizer of some words."""
    names = ['[PAD]', '[UNK]', *(f'w{i}' for i in range(2, VOCABULARY))]
    words = {name: i for i, name in enumerate(names)}
    from tokenizers import Tokenizer, models, pre_tokenizers  # pylint: disable=C0415
    t = Tokenizer(models.WordLevel(words, unk_token='[UNK]'))
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(tokenizer_object=t, pad_token='[PAD]',
                                                unk_token='[UNK]')


def ids():
    return torch.arange(2, 14).reshape(2, 6)


def train(model, dtype, sharded):
    """Some steps of SGD; what is saved on the way, as folders and as their tensors."""
    torch.manual_seed(3)
    model.to(dtype)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    words = tokenizer()
    folders, states = [], []
    for step in STEPS:
        for _ in range(2):
            optimizer.zero_grad()
            model(input_ids=ids(), labels=ids().flip(0)).loss.backward()
            optimizer.step()
        folder = path(f'checkpoint-{step}')
        model.save_pretrained(folder, max_shard_size='20KB' if sharded(step) else '5GB')
        words.save_pretrained(folder)
        torch.save(optimizer.state_dict(), os.path.join(folder, 'optimizer.pt'))
        folders.append(folder)
        states.append({n: t.detach().clone() for n, t in model.state_dict().items()})
    return folders, states


def average(states, weights, dtype):
    """In float64, rounded once."""
    mean = {}
    for n in states[0]:
        if not states[-1][n].is_floating_point():
            mean[n] = states[-1][n]
            continue
        total = sum(w * s[n].to(torch.float64).numpy() for w, s in zip(weights, states))
        mean[n] = round_once(total, dtype)
    return mean


def round_once(x, dtype):
    """Doubles to a type, rounded once: for bfloat16 in whole units of the last place."""
    if dtype == torch.bfloat16:
        _, e = np.frexp(x)
        unit = np.maximum(e - 1, -126) - 7
        x = np.ldexp(np.rint(np.ldexp(x, -unit)), unit)
        return torch.from_numpy(x).to(dtype)
    return torch.from_numpy(x.astype({torch.float16: np.float16, torch.float32: np.float32,
                                      torch.float64: np.float64}[dtype]))


def load(kind, folder, dtype='auto'):
    model, info = kind.from_pretrained(folder, dtype=dtype, output_loading_info=True)
    bad = {k: v for k, v in info.items() if v and k != 'error_msgs'}
    return model.eval(), bad


def outputs(model):
    with torch.no_grad():
        return model(input_ids=ids()).logits


def weights_of(folder):
    """The weights that were used, from the provenance."""
    file = next(f for f in sorted(os.listdir(folder)) if f.endswith('.safetensors'))
    data = read(os.path.join(folder, file))
    header = json.loads(data[8:8 + int.from_bytes(data[:8], 'little')])
    return [float.fromhex(w) for w in json.loads(header['__metadata__']['belay'])['weights']]


def equal(a, b):
    return a.dtype == b.dtype and torch.equal(a, b)


def check(name, make, dtype, sharded, out):
    """One sequence of folders: belay's average is the model averaged here; out: type asked for."""
    for entry in os.listdir(box.name):
        shutil.rmtree(path(entry))
    torch.manual_seed(2)
    model = make()
    folders, states = train(model, dtype, sharded)
    args = [] if out is None else ['--dtype', TYPES[out][1]]
    # Weights of 1/4: a sum of four floats is all but always exact in float64, however it is made.
    tap.avg('-q', '--method', 'uniform', *args, *folders, '-o', path('avg'))
    weights = weights_of(path('avg'))
    tap.ok(weights == [0.25] * 4, f'{name}: the mean of four', weights)
    got, bad = load(type(model), path('avg'))
    tap.ok(not bad, f'{name}: from_pretrained misses and minds nothing', bad)
    mean = average(states, weights, out or dtype)
    wrong = [n for n, t in got.state_dict().items() if not equal(t, mean[n])]
    tap.ok(got.state_dict().keys() == mean.keys() and not wrong,
           f'{name}: every tensor is the mean, rounded once', wrong)
    other = load(type(model), folders[-1], out or dtype)[0]
    last = outputs(other)
    other.load_state_dict(mean)
    tap.ok(equal(outputs(got), outputs(other)), f'{name}: the model answers as its mean does')
    tap.ok(not torch.equal(outputs(got), last), f'{name}: which is not what the last one answers')
    carried(name, folders[-1], got, out)
    return got


def carried(name, last, got, out):
    """Files that stand beside the weights, and the type that the configuration names."""
    here, there = sorted(os.listdir(path('avg'))), sorted(os.listdir(last))
    there.remove('optimizer.pt')
    tap.ok(here == there, f'{name}: the files of the last, less its optimizer', here, there)
    sides = [f for f in there if not f.endswith('.safetensors')]
    tap.ok({'config.json', 'tokenizer.json', 'tokenizer_config.json'} <= set(sides),
           f'{name}: configuration and tokenizer are among them', sides)
    differ = [f for f in sides if read('avg', f) != read(last, f)]
    if out is None:
        tap.ok(not differ, f'{name}: and are its bytes', differ)
    else:
        ours, theirs = (json.loads(read(d, 'config.json')) for d in ('avg', last))
        tap.ok(ours.pop('dtype') == TYPES[out][0] and theirs.pop('dtype') and ours == theirs and
               set(differ) <= {'config.json', 'model.safetensors.index.json'},
               f'{name}: config.json has the new type and is the same otherwise', differ)
    words = transformers.AutoTokenizer.from_pretrained(path('avg'))
    tap.ok(words('w3 w5')['input_ids'] == [3, 5], f'{name}: the tokenizer knows its words')
    if got.can_generate():
        text = got.generate(ids()[:1], max_new_tokens=4, do_sample=False, pad_token_id=0)
        tap.ok(text.shape[1] > 6, f'{name}: and generates')


def always(_):
    return True


def never(_):
    return False


def sequences():
    check('gpt2, one file', gpt2, torch.float32, never, None)
    got = check('gpt2, shards', gpt2, torch.float32, always, None)
    tied = got.lm_head.weight.data_ptr() == got.transformer.wte.weight.data_ptr()
    tap.ok(tied, 'gpt2: head and embedding are one')
    check('llama, shards last', llama, torch.float32, lambda step: step >= 300, None)
    check('llama, one file last', llama, torch.bfloat16, lambda step: step < 300, None)
    check('bert, one file', bert, torch.float32, never, None)
    check('bert, mixed, as float16', bert, torch.float32, lambda step: step % 200, torch.float16)
    check('llama, shards, as bfloat16', llama, torch.float32, always, torch.bfloat16)
    check('gpt2, bfloat16 as float32', gpt2, torch.bfloat16, always, torch.float32)
    check('gpt2, as float64', gpt2, torch.float32, never, torch.float64)


def resharded():
    """--shard-size: from_pretrained goes by the index that belay makes."""
    for entry in os.listdir(box.name):
        shutil.rmtree(path(entry))
    torch.manual_seed(2)
    model = llama()
    folders, states = train(model, torch.float32, never)
    tap.avg('-q', '--method', 'uniform', '--shard-size', '20kB', *folders, '-o', path('avg'))
    files = [f for f in os.listdir(path('avg')) if f.endswith('.safetensors')]
    got, bad = load(type(model), path('avg'))
    mean = average(states, [0.25] * 4, torch.float32)
    wrong = [n for n, t in got.state_dict().items() if not equal(t, mean[n])]
    tap.ok(len(files) > 2 and not bad and not wrong, 'new shards load', files, bad, wrong)


if __name__ == '__main__':
    tap.case(sequences)
    tap.case(resharded)
    box.cleanup()
    tap.finish()
