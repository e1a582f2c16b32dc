#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tokenizer.json (the golden file beside this script) with the PyPI package tokenizers 0.23 as the oracle.

It holds one small byte-level BPE model, trained here on the text below, and variants: other parts around that
model, each with texts, their ids and what these decode to where that is another text.

    make_tokenizer_golden.py                           writes the golden file
    make_tokenizer_golden.py --gguf MODEL --out FILE   writes the tokenizer.json that a GGUF file's vocabulary stands for
"""
import argparse
import copy
import json
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

GOLDEN = Path(__file__).with_name("tokenizer.json")
CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + TAIL
QWEN2 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + TAIL
CASED = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + CONTRACTIONS + "?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + CONTRACTIONS + "?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")

TRAINING_TEXT = """
The quantizer reads the weights of a layer, rotates the channels into the basis of the eigenvalues and keeps the
salient channels in half precision. The other channels are rounded to a grid of three or four bits. We've measured
the error of every layer, and it's smaller than the error of plain rounding; that's what the table of the report
says, isn't it? They'll ask why, so we'd better explain: the energy of the activations lies in a few directions.
In 1999, 2024 and 2025 there were 12 layers, 128 groups, 4096 channels and 3.14159 reasons; 100% of them counted.
    def quantize(weights, bits=4):
        scale = (weights.max() - weights.min()) / (2 ** bits - 1)
        return [round(w / scale) for w in weights]
for (int i = 0; i < channels; ++i) { total += energy[i] * energy[i]; }  // the sum of the squares\r\n
Der Quantisierer liest die Gewichte und rundet sie. Größe, Übung, schön, Straße. Le réseau a été entraîné à l'été.
El niño corrió rápido por la mañana. Квантователь читает веса слоя и округляет их до сетки. Слой за слоем.
Ο κβαντιστής διαβάζει τα βάρη. 量化器读取权重并将其四舍五入。量子化器は重みを読み、丸めます。양자화기는 가중치를 읽습니다.
يقرأ المكمم الأوزان ويقربها. המקוונטט קורא את המשקלים. मात्राकारक भार पढ़ता है। 🙂🙂 👩‍👩‍👧‍👦 🏳️‍🌈 – — “quotes” … ½ ² Ⅳ
"""

TEXTS = [
    "", " ", "  ", "\n", "\r\n\r\n", "\t\t x", "a", "Hello, world!", "The quantizer rounds 4096 channels to 3.5 bits.",
    "It's we'll THEY'RE I'd 'Tis rock'n'roll ' 's'S 'ſ 'LL", "one  two   three    four     ", "   leading", "tail \n  \n x",
    "12345678901234567890", "x1y22z333", "½²³Ⅳ①٣२๓𝟘𑄶", "1,234.56e-78%", "Größe Übung réseau niño", "e\u0301 A\u030a \u1112\u1161\u11ab",
    "\u00c5\u212b\ufb01\u2126", "a\u0323\u0307 a\u0307\u0323", "Квантователь слой", "量化器读取权重", "양자화기는", "मात्राकारक पढ़ता",
    "👩‍👩‍👧‍👦🏳️‍🌈🙂", "zero\u200bwidth\u200d\ufeff\u180e\u00adx", "\u0085\u00a0\u1680\u2003\u2028\u2029\u3000.", "nul\u0000byte \u0001\u007f",
    "\ue000\uf8ff\U000f0000", "\ufffe\uffff\U0010ffff\ufdd0", "\U00031350\U0001e4f0\U00010d40\U00011de0\U0001cc00",
    "\u0897\u1e08\U00011938\U00011935\U00011930", "def f(x):\n\n\treturn x ** 2  # square\r\n", "<|im_start|>user\nHi<|im_end|>\n",
    "a<|im_start|><|im_start|>b <|im_end|>", "<|im_star|>t|> <|im_start", "  <mask>  word<mask>x ", "Wort WORD words Word! (Word)",
    "caf\u00e9 cafe\u0301", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "the" * 40, "\u0e33\u0eb3 \u1100\u1161 \uac01\u11a8", "\u0374 \u037e \u0387 \u1fef", "-- ... !!!??? ///\n", "snake_case camelCase HTTPServer",
]


def train():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=800, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
                                  special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"], show_progress=False)
    tokenizer.train_from_iterator(TRAINING_TEXT.split("\n") + [TRAINING_TEXT], trainer)
    return json.loads(tokenizer.to_str())["model"]


def added(content, number, **flags):
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    return {"id": number, "content": content, **plain, **flags}


def byte_level(prefix=False, regex=True):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def sequence(*parts):
    return {"type": "Sequence", "pretokenizers": list(parts)}


def variants(model):
    """Name to the members of a tokenizer.json that differ from the plain one."""
    size = len(model["vocab"])
    digits = {"type": "Digits", "individual_digits": True}
    nfc = {"type": "NFC"}
    flags = [added("<mask>", size, lstrip=True, special=True), added("Word", size + 1, single_word=True, normalized=True),
             added("caf\u00e9", size + 2, normalized=True), added("<|im_start|>x", size + 3, rstrip=True)]
    template = {"type": "TemplateProcessing", "pair": [], "special_tokens": {
        "<|im_start|>": {"id": "<|im_start|>", "ids": [1], "tokens": ["<|im_start|>"]},
        "<|im_end|>": {"id": "<|im_end|>", "ids": [2], "tokens": ["<|im_end|>"]}},
        "single": [{"SpecialToken": {"id": "<|im_start|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                   {"SpecialToken": {"id": "<|im_end|>", "type_id": 0}}]}
    holes = {"model": {"vocab": {k: v for k, v in model["vocab"].items() if k not in ("x", "ñ", "Ġx", "<|im_end|>")},
                       "merges": [m for m in model["merges"] if "x" not in "".join(m) and "ñ" not in "".join(m)]}}
    unknown = copy.deepcopy(holes)
    unknown["model"].update(unk_token="<|endoftext|>", fuse_unk=True)
    found = {
        "gpt2": {"pre_tokenizer": byte_level()},
        "smollm": {"pre_tokenizer": sequence(digits, byte_level())},
        "llama3": {"pre_tokenizer": sequence(split(LLAMA3), byte_level(regex=False)), "model": {"ignore_merges": True}},
        "qwen2": {"normalizer": nfc, "pre_tokenizer": sequence(split(QWEN2), byte_level(regex=False))},
        "cased": {"pre_tokenizer": sequence(split(CASED), byte_level(regex=False))},
        "gpt2_prefix": {"pre_tokenizer": byte_level(True)},
        "smollm_prefix": {"pre_tokenizer": sequence(digits, byte_level(True))},
        "llama3_prefix": {"pre_tokenizer": sequence(split(LLAMA3), byte_level(True, False)), "model": {"ignore_merges": True}},
        "qwen2_prefix": {"normalizer": nfc, "pre_tokenizer": sequence(split(QWEN2), byte_level(True, False))},
        "added_flags": {"normalizer": nfc, "pre_tokenizer": byte_level(), "added_tokens": flags},
        "template": {"pre_tokenizer": byte_level(), "post_processor": {
            "type": "Sequence", "processors": [byte_level(), template]}},
        "missing_bytes": {"pre_tokenizer": byte_level(), **holes},
        "unknown_token": {"pre_tokenizer": byte_level(), **unknown},
        "digits_together": {"pre_tokenizer": sequence({"type": "Digits", "individual_digits": False}, byte_level())},
        "scripts": {"pre_tokenizer": sequence({"type": "UnicodeScripts"}, byte_level(regex=False))},
        "white_space": {"pre_tokenizer": sequence({"type": "WhitespaceSplit"}, byte_level(regex=False))},
        "nfd": {"normalizer": {"type": "NFD"}, "pre_tokenizer": byte_level()},
        "nfkc": {"normalizer": {"type": "NFKC"}, "pre_tokenizer": byte_level()},
        "nfkd": {"normalizer": {"type": "NFKD"}, "pre_tokenizer": byte_level()},
        "replace": {"pre_tokenizer": byte_level(), "decoder": None, "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Replace", "pattern": {"Regex": r"\s{2,}"}, "content": "_"},
            {"type": "Replace", "pattern": {"String": "."}, "content": ""}, {"type": "Prepend", "prepend": "~"}]}},
        "string": {"pre_tokenizer": sequence(split(" ", "MergedWithNext", kind="String"), byte_level(regex=False))},
    }
    for behavior in ("Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"):
        for invert in (False, True):
            found[f"{behavior.lower()}{'_inverted' * invert}"] = {
                "pre_tokenizer": sequence(split(r"\d|[aeiou]?\p{P}|(?<=t)(?=\p{L})", behavior, invert), byte_level(regex=False))}
    return found


def assemble(model, variant):
    """The whole tokenizer.json of a variant. The test does the same."""
    whole = {"version": "1.0", "truncation": None, "padding": None, "normalizer": None, "post_processor": None,
             "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}}
    control = [added(t, i, special=True) for i, t in enumerate(("<|endoftext|>", "<|im_start|>", "<|im_end|>"))
               if t in variant.get("model", {}).get("vocab", model["vocab"])]
    whole.update({k: v for k, v in variant.items() if k not in ("model", "added_tokens")})
    whole["added_tokens"] = control + variant.get("added_tokens", [])
    whole["model"] = {**model, **variant.get("model", {})}
    return whole


def write_golden():
    model = train()
    golden = {"model": model, "variants": []}
    for name, variant in variants(model).items():
        tokenizer = Tokenizer.from_str(json.dumps(assemble(model, variant)))
        cases = []
        for text in TEXTS:
            ids = tokenizer.encode(text).ids
            decoded = tokenizer.decode(ids, skip_special_tokens=False)
            cases.append({"text": text, "ids": ids, **({} if decoded == text else {"decoded": decoded})})
        golden["variants"].append({"name": name, "parts": variant, "cases": cases})
    lines = json.dumps(golden["model"], separators=(",", ":"))
    body = ",\n".join(json.dumps(v, separators=(",", ":")) for v in golden["variants"])
    GOLDEN.write_text('{"model":%s,\n"variants":[\n%s]}\n' % (lines, body))


def write_gguf_tokenizer(gguf, out):
    from gguf import GGUFReader
    fields = GGUFReader(gguf).fields
    value = lambda key: fields["tokenizer.ggml." + key].contents()
    tokens, kinds = value("tokens"), value("token_type")
    tokenizer = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, [tuple(m.split(" ")) for m in value("merges")]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t, k in zip(tokens, kinds) if k == 3])
    tokenizer.save(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gguf")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    if arguments.gguf:
        write_gguf_tokenizer(arguments.gguf, arguments.out)
    else:
        write_golden()


if __name__ == "__main__":
    main()
