#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tokenizer_kinds.json: small tokenizers built as those of real model families are, trained here with the PyPI
packages tokenizers and sentencepiece, with texts, their ids and what these decode to where that is another text.
"""
import atexit
import base64
import copy
import io
import json
import struct
import tempfile
import unicodedata
from pathlib import Path

import sentencepiece
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from make_tokenizer_golden import TEXTS, TRAINING_TEXT, added, byte_level, sequence, split

GOLDEN = Path(__file__).with_name("tokenizer_kinds.json")
SPACE = "\u2581"
BYTES = [f"<0x{b:02X}>" for b in range(256)]
MORE_TEXTS = ["<s>", "a<s> b</s>  c", "  <s>  x", "\u2581", " \u2581 x\u2581\u2581y", "<unk> \u2603<unk>\u2603\u2603", "<0x41><0xE2>",
              "a\u0301\u0301e\u0301", "\uff21\uff22\u3000\uff43 \uff76\uff9e", "\r\n\r a\x00b", "ﷺ ㍿ ½ ①", "İSTANBUL ẞ ΣΑΣ", "un-\u00adbreak\u200bable",
              "\t\n\x0b\x0c\r \x85\xa0", "the" * 30 + " " * 30 + "quantizer", "漢字かなカナ한글", "\U0001f3f4\U000e0067\U000e0062\U000e007f"]

# In no golden file: their models are alike, and the tables of replacements are large.
UNUSUAL = {"some_bytes", "byte_merges", "xlm_roberta", "byte_normalizer", "falcon", "accents"}


def pipeline(model, **parts):
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
            "pre_tokenizer": None, "post_processor": None, "decoder": None, "model": model, **parts}


def steps(key, *parts):
    return {"type": "Sequence", key: list(parts)}


def replace(pattern, content, kind="String"):
    return {"type": "Replace", "pattern": {kind: pattern}, "content": content}


def metaspace(scheme="always", is_split=True):
    return {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": scheme, "split": is_split}


def train_bpe(size, alphabet=400, **options):
    tokenizer = Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=size, limit_alphabet=alphabet, show_progress=False,
                                  special_tokens=["<unk>", "<s>", "</s>"] + BYTES, **options)
    tokenizer.train_from_iterator(TRAINING_TEXT.split("\n"), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    model["unk_token"] = "<unk>"
    return model


def sentencepiece_model(kind, **options):
    out = io.BytesIO()
    lines = [line for line in TRAINING_TEXT.split("\n") if line.strip()]
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(lines * 4), model_writer=out, model_type=kind,
                                             minloglevel=2, **{"vocab_size": 700, "character_coverage": 0.99,
                                                               "hard_vocab_limit": False, **options})
    return out.getvalue()


def fields(message):
    """The number and value of every field of a serialized protocol buffer."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            value = varint()
        elif key & 7 == 5:
            value = struct.unpack_from("<f", message, at)[0]
            at += 4
        else:
            size = varint()
            value = message[at:at + size]
            at += size
        yield key >> 3, value


def unigram_of(binary):
    """The model and the table of replacements of a SentencePiece model, as transformers converts them."""
    vocabulary, charsmap = [], b""
    for number, value in fields(binary):
        if number == 1:
            piece = dict(fields(value))
            vocabulary.append([piece[1].decode(), piece[2]])
        elif number == 3:
            charsmap = dict(fields(value)).get(2, b"")
    return ({"type": "Unigram", "unk_id": 0, "vocab": vocabulary, "byte_fallback": False},
            base64.b64encode(charsmap).decode())


def special(*tokens, normalized=False):
    return [added(t, i, special=True, normalized=normalized) for i, t in enumerate(tokens)]


def bos(token, number):
    piece = {"SpecialToken": {"id": token, "type_id": 0}}
    return {"type": "TemplateProcessing", "single": [piece, {"Sequence": {"id": "A", "type_id": 0}}], "pair": [],
            "special_tokens": {token: {"id": token, "ids": [number], "tokens": [token]}}}


def rules():
    """A small table of replacements in SentencePiece's own notation: some of its usual ones."""
    pairs = [(a, unicodedata.normalize("NFKC", a)) for a in map(chr, [*range(0xa0, 0x100), *range(0x2100, 0x2140), *range(
        0x2460, 0x2480), *range(0xff01, 0xff5f), 0xfb01, 0x3000, 0x337f, 0xfdfa]) if unicodedata.normalize("NFKC", a) != a]
    pairs += [("\r", " "), ("\n", " "), ("\t", " "), ("e\u0301", "\u00e9"), ("\u200b", " "), ("\u00ad", "")]
    code = lambda text: " ".join(f"{ord(c):x}" for c in text)
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", delete=False) as file:
        file.write("".join(f"{code(a)}\t{code(b)}\n" for a, b in pairs))
    atexit.register(Path(file.name).unlink)
    return file.name


def families():
    """Name to tokenizer.json."""
    bpe = {**train_bpe(900), "byte_fallback": True, "fuse_unk": True}
    plain = {**bpe, "byte_fallback": False}
    some_bytes = copy.deepcopy(bpe)
    for token in BYTES[0xe2:0xe8]:
        some_bytes["vocab"]["no" + token] = some_bytes["vocab"].pop(token)
    byte_merges = copy.deepcopy(bpe)
    byte_merges["vocab"]["<0xE2><0x98>"] = len(bpe["vocab"])
    byte_merges["merges"].append(["<0xE2>", "<0x98>"])
    edges = special("<unk>", "<s>", "</s>")
    llama_decoder = steps("decoders", replace(SPACE, " "), {"type": "ByteFallback"}, {"type": "Fuse"},
                          {"type": "Strip", "content": " ", "start": 1, "stop": 0})
    gemma_decoder = steps("decoders", replace(SPACE, " "), {"type": "ByteFallback"}, {"type": "Fuse"})
    llama_normalizer = steps("normalizers", {"type": "Prepend", "prepend": SPACE}, replace(" ", SPACE))
    size = len(bpe["vocab"])
    runs = [added(" " * n, size + n - 2, normalized=False) for n in range(2, 6)] + [added("\n\n", size + 4), added(
        "<|user|>", size + 5, special=True, rstrip=True), added("<|end|>", size + 6, special=True, lstrip=True)]
    gemma_runs = [added(SPACE * n, size + n - 2) for n in range(2, 6)] + [added("\n\n", size + 4), added("\n", size + 5)]
    unigram, charsmap = unigram_of(sentencepiece_model("unigram"))
    small, rules_alone = unigram_of(sentencepiece_model("unigram", normalization_rule_tsv=rules()))
    fallback = {**unigram, "byte_fallback": True, "vocab": unigram["vocab"] + [[b, -20.0] for b in BYTES]}
    precompiled = {"type": "Precompiled", "precompiled_charsmap": charsmap}
    t5_normalizer = steps("normalizers", precompiled, {"type": "Strip", "strip_left": False, "strip_right": True},
                          replace(" {2,}", SPACE, "Regex"))
    words = {**train_bpe(500), "byte_fallback": False}
    pieces = {"type": "WordPiece", "unk_token": "<unk>", "continuing_subword_prefix": "##", "max_input_chars_per_word": 20,
              "vocab": {t: i for i, t in enumerate(["<unk>", "<s>", "</s>"] + sorted(
                  {w.lstrip(SPACE) for w in words["vocab"]} - {"", "<unk>", "<s>", "</s>"}) + ["##" + w for w in sorted(
                      {w.lstrip(SPACE) for w in words["vocab"]} - {""})])}}
    bert = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
    bytes_model = json.loads((GOLDEN.with_name("tokenizer.json")).read_text())["model"]
    found = {
        "llama2": pipeline(bpe, normalizer=llama_normalizer, decoder=llama_decoder, added_tokens=edges, post_processor=bos("<s>", 1)),
        "llama2_old_tokens": pipeline(bpe, normalizer=llama_normalizer, decoder=llama_decoder,
                                      added_tokens=special("<unk>", "<s>", "</s>", normalized=True)),
        "mistral_first": pipeline(bpe, pre_tokenizer=metaspace("first", False), decoder=llama_decoder, added_tokens=edges),
        "metaspace_first": pipeline(bpe, pre_tokenizer=metaspace("first"), decoder=metaspace("first"), added_tokens=edges),
        "metaspace_never": pipeline(plain, pre_tokenizer=metaspace("never"), decoder=metaspace("never"), added_tokens=edges),
        "metaspace_old": pipeline(plain, pre_tokenizer={"type": "Metaspace", "replacement": SPACE, "add_prefix_space": True,
                                                        "str_rep": SPACE}, decoder={"type": "Metaspace", "replacement": SPACE,
                                                                                    "add_prefix_space": True}),
        "metaspace_in_words": pipeline(bpe, pre_tokenizer=sequence(split(r"\d+", "Isolated"), metaspace("first")),
                                       decoder=gemma_decoder, added_tokens=edges),
        "phi3": pipeline(bpe, normalizer=llama_normalizer, decoder=llama_decoder, added_tokens=edges + runs, post_processor=bos("<s>", 1)),
        "gemma": pipeline({**bpe, "ignore_merges": False}, normalizer=replace(" ", SPACE), decoder=gemma_decoder,
                          pre_tokenizer=split(" ", "MergedWithPrevious", kind="String"), added_tokens=edges + gemma_runs,
                          post_processor=bos("<s>", 1)),
        "some_bytes": pipeline(some_bytes, normalizer=llama_normalizer, decoder=llama_decoder, added_tokens=edges),
        "byte_merges": pipeline(byte_merges, normalizer=llama_normalizer, decoder=llama_decoder, added_tokens=edges),
        "unknown_each": pipeline({**plain, "fuse_unk": False}, normalizer=llama_normalizer, decoder=llama_decoder),
        "no_unknown": pipeline({**plain, "unk_token": None}, normalizer=llama_normalizer),
        "whole_words": pipeline({**plain, "ignore_merges": True}, pre_tokenizer=metaspace()),
        "word_ends": pipeline({**train_bpe(600, end_of_word_suffix="</w>"), "fuse_unk": False}, normalizer=bert,
                              pre_tokenizer={"type": "BertPreTokenizer"}, decoder={"type": "BPEDecoder", "suffix": "</w>"}),
        "continued": pipeline({**train_bpe(600, continuing_subword_prefix="##"), "fuse_unk": True},
                              pre_tokenizer={"type": "Whitespace"}, decoder={"type": "WordPiece", "prefix": "##", "cleanup": True}),
        "t5": pipeline(small, normalizer=steps("normalizers", {**precompiled, "precompiled_charsmap": rules_alone},
                                               *t5_normalizer["normalizers"][1:]), pre_tokenizer=metaspace(), decoder=metaspace(), added_tokens=edges,
                       post_processor={"type": "TemplateProcessing", "pair": [], "single": [
                           {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
                           "special_tokens": {"</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}}),
        "xlm_roberta": pipeline(unigram, normalizer=t5_normalizer, decoder=metaspace(), added_tokens=edges,
                                pre_tokenizer=sequence({"type": "WhitespaceSplit"}, metaspace()),
                                post_processor={"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 1],
                                                "trim_offsets": True, "add_prefix_space": True}),
        "unigram_bytes": pipeline(fallback, normalizer=steps("normalizers", {"type": "Nmt"}, {"type": "NFKC"}, replace(" ", SPACE)),
                                  decoder=gemma_decoder),
        "unigram_whole": pipeline(unigram, pre_tokenizer=metaspace("always", False)),
        "bert": pipeline(pieces, normalizer=bert, pre_tokenizer={"type": "BertPreTokenizer"}, added_tokens=edges,
                         decoder={"type": "WordPiece", "prefix": "##", "cleanup": True},
                         post_processor={"type": "BertProcessing", "sep": ["</s>", 2], "cls": ["<s>", 1]}),
        "word_level": pipeline({"type": "WordLevel", "unk_token": "<unk>", "vocab": {"<unk>": 0, "the": 1, "of": 2, "a": 3, ".": 4}},
                               normalizer={"type": "Lowercase"}, pre_tokenizer={"type": "Whitespace"}),
        "accents": pipeline(plain, normalizer=steps("normalizers", {"type": "Strip", "strip_left": True, "strip_right": True},
                                                    {"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}),
                            pre_tokenizer=sequence({"type": "Punctuation", "behavior": "Contiguous"}, {"type": "FixedLength", "length": 3},
                                                   {"type": "CharDelimiterSplit", "delimiter": "e"})),
        "falcon": pipeline(bytes_model, decoder=byte_level(), pre_tokenizer=sequence(
            {"type": "Punctuation", "behavior": "Contiguous"}, byte_level(), {"type": "Digits", "individual_digits": False},
            split("[0-9][0-9][0-9]"))),
        "byte_normalizer": pipeline({**bytes_model, "byte_fallback": True}, normalizer=steps("normalizers", {"type": "NFC"}, {"type": "ByteLevel"}),
                                    pre_tokenizer=split("\u0120", "MergedWithNext", kind="String"), decoder=byte_level()),
    }
    return found


def main():
    """Models and tables that several tokenizers share are written once, and named by their place in the file."""
    texts, shared, tokenizers = TEXTS + MORE_TEXTS, [], []
    for name, whole in families().items():
        if name in UNUSUAL:
            continue
        tokenizer = Tokenizer.from_str(json.dumps(whole))
        encodings = [tokenizer.encode(text).ids for text in texts]
        decoded = [tokenizer.decode(ids, skip_special_tokens=False) for ids in encodings]
        model = {key: whole["model"][key] for key in ("vocab", "merges") if key in whole["model"]}
        whole = {**whole, "model": {key: value for key, value in whole["model"].items() if key not in model}}
        if model not in shared:
            shared.append(model)
        tokenizers.append({"name": name, "tokenizer": whole, "model": shared.index(model), "ids": encodings, "decoded": decoded})
    dump = lambda value: json.dumps(value, separators=(",", ":"))
    rows = lambda values: "[\n" + ",\n".join(dump(value) for value in values) + "]"
    GOLDEN.write_text(f'{{"texts":{dump(texts)},\n"models":{rows(shared)},\n"tokenizers":{rows(tokenizers)}}}\n')


if __name__ == "__main__":
    main()
