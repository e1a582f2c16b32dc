#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes gguf_names.json: what llama.cpp makes of texts with each name of `tokenizer.ggml.pre`, around a vocabulary that
shows where it splits: every byte, and every pair of bytes of which the first is an ASCII character. Needs the PyPI
packages gguf, llama-cpp-python and tokenizers.

Names whose models normalize their text first, which llama.cpp leaves out, are given the normalized texts. Where
llama.cpp takes no notice of marks and of capitals outside ASCII, the model's own pattern is asked, in tokenizers.
"""
import ctypes
import json
import tempfile
from pathlib import Path

import gguf
import llama_cpp
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from make_tokenizer_golden import CASED, CONTRACTIONS, TEXTS

GOLDEN = Path(__file__).with_name("gguf_names.json")
NFC = ["qwen2", "deepseek-r1-qwen", "qwen35", "command-r"]
NAMES = NFC + ["default", "gpt-2", "phi-2", "olmo", "mpt", "exaone4", "gigachat", "smollm", "starcoder", "refact",
               "codeshell", "exaone", "minerva-7b", "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral",
               "lfm2", "midm-2.0", "glm4", "chatglm-bpe", "smaug-bpe", "dbrx", "stablelm2", "megrez", "hunyuan", "grok-2",
               "deepseek-llm", "deepseek-coder", "deepseek-v3", "hunyuan-dense", "falcon"]

OWN_PATTERNS = {"gpt-4o": CASED, "llama4": CASED, "tekken": CASED.replace(CONTRACTIONS + "?", "").replace("{1,3}", "")}
MORE_TEXTS = ["aB Ab AB aBc HTTPServer", "it's IT'S a's's 't!'ll 'LL''d", "1 12 123 1234 12345 ab12cd3 1.5 $5", "\n\n a\n b\n\n\nc",
              "/\n/ //\r\n!/\n.\n", "^~`|<=>+$ a^b a~b `x` x|y", "..a !a !A (a) _a a_b #a -a", "a\u0301b \u0301a e\u0301E", "5\u0663 \u00bd2",
              "\t\ta \t a  b\t", "\u91cf1\u5316 a\u91cf \u304b\u306a\u30ab", "a\u4e00\u9fa6 !\u3002", "  !? ;; \"a\"", "a\u200bb \u00a0a"]


@llama_cpp.llama_log_callback
def be_quiet(level, text, data):
    pass


def vocabulary_of():
    """The spelling of every byte, and the pairs; the test has the same."""
    printable = [*range(0x21, 0x7f), *range(0xa1, 0xad), *range(0xae, 0x100)]
    others = iter(range(0x100, 0x200))
    letters = [chr(byte if byte in printable else next(others)) for byte in range(256)]
    return letters, [(letters[left], right) for left in [0x0a, *range(0x20, 0x7f)] for right in letters]


def write(file, name):
    letters, pairs = vocabulary_of()
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(name)
    writer.add_token_list(letters + ["".join(pair) for pair in pairs])
    writer.add_token_types([1] * (len(letters) + len(pairs)))
    writer.add_token_merges([" ".join(pair) for pair in pairs])
    writer.add_add_bos_token(False)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def ask_llama(name, texts):
    options = llama_cpp.llama_model_default_params()
    options.vocab_only = True
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "vocabulary.gguf")
        write(file, name)
        model = llama_cpp.llama_model_load_from_file(file.encode(), options)
    found = []
    for text in texts:
        data = text.encode()
        ids = (llama_cpp.llama_token * (len(data) + 1))()
        count = llama_cpp.llama_tokenize(llama_cpp.llama_model_get_vocab(model), data, len(data), ids, len(ids), False, True)
        found.append(list(ids[:count]))
    llama_cpp.llama_model_free(model)
    return found


def ask_tokenizers(pattern, texts):
    letters, pairs = vocabulary_of()
    tokens = letters + ["".join(pair) for pair in pairs]
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return [tokenizer.encode(text).ids for text in texts]


def main():
    llama_cpp.llama_log_set(be_quiet, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    texts = TEXTS + MORE_TEXTS
    normalized = [normalizers.NFC().normalize_str(text) for text in texts]
    found = {name: ask_llama(name, normalized if name in NFC else texts) for name in NAMES}
    found.update({name: ask_tokenizers(pattern, texts) for name, pattern in OWN_PATTERNS.items()})
    alike = {}
    for name, ids in found.items():
        alike.setdefault(json.dumps(ids, separators=(",", ":")), []).append(name)
    groups = ",\n".join(json.dumps({"names": names}, separators=(",", ":"))[:-1] + ',"ids":' + ids + "}"
                        for ids, names in alike.items())
    GOLDEN.write_text(f'{{"llama_cpp_python":"{llama_cpp.__version__}",\n'
                      f'"texts":{json.dumps(texts, separators=(",", ":"))},\n"groups":[\n{groups}]}}\n')


if __name__ == "__main__":
    main()
