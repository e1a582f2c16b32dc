#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes sentencepiece.json: small models of SentencePiece's, trained here, with the ids and texts that the PyPI package
sentencepiece gives, and a GGUF vocabulary with the ids that llama.cpp gives.

llama.cpp is called in the shared library of the PyPI package xllamacpp (2026.10), named by --llama-cpp; without it the
ids that are in the golden file already are kept.
"""
import argparse
import base64
import ctypes
import json
import tempfile
from pathlib import Path

import gguf
import sentencepiece

from make_tokenizer_golden import TEXTS
from make_tokenizer_kinds import MORE_TEXTS, fields, rules, sentencepiece_model

GOLDEN = Path(__file__).with_name("sentencepiece.json")
USER_DEFINED = "<mask>,the,\u2581\u2581"
LLAMA = {"byte_fallback": True, "normalization_rule_name": "identity", "remove_extra_whitespaces": False, "split_digits": True,
         "allow_whitespace_only_pieces": True}


def subjects():
    """Name to the bytes of a tokenizer.model."""
    table = {"normalization_rule_tsv": rules()}
    return {
        "llama": sentencepiece_model("bpe", **LLAMA),
        "bpe_user_defined": sentencepiece_model("bpe", user_defined_symbols=USER_DEFINED, add_dummy_prefix=False, **table),
        "unigram": sentencepiece_model("unigram", **table),
        "unigram_bytes": sentencepiece_model("unigram", byte_fallback=True, user_defined_symbols=USER_DEFINED, **table),
        "suffix": sentencepiece_model("unigram", treat_whitespace_as_suffix=True, **table),
    }


def pieces_of(binary):
    pieces = [dict(fields(value)) for number, value in fields(binary) if number == 1]
    return [p[1].decode() for p in pieces], [p.get(2, 0.0) for p in pieces], [p.get(3, 1) for p in pieces]


def write_gguf(file, tokens, scores, types):
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    for key in ("context_length", "embedding_length", "block_count", "feed_forward_length", "head_count"):
        getattr(writer, "add_" + key)(64)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class LlamaCpp:
    """llama_tokenize of one model, with BOS and with special tokens found in the text."""

    class Parameters(ctypes.Structure):
        _fields_ = [("words", ctypes.c_uint64 * 40)]

    VOCAB_ONLY = 72  # where the flag lies in the parameters of that version

    def __init__(self, library, file):
        self.library = ctypes.CDLL(library)
        self.library.llama_model_default_params.restype = self.Parameters
        self.library.llama_model_load_from_file.restype = ctypes.c_void_p
        self.library.llama_model_load_from_file.argtypes = [ctypes.c_char_p, self.Parameters]
        self.library.llama_model_get_vocab.restype = ctypes.c_void_p
        self.library.llama_model_get_vocab.argtypes = [ctypes.c_void_p]
        self.library.llama_tokenize.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_void_p, ctypes.c_int32,
                                                ctypes.c_bool, ctypes.c_bool]
        self.library.llama_backend_init()
        parameters = self.library.llama_model_default_params()
        ctypes.cast(ctypes.byref(parameters), ctypes.POINTER(ctypes.c_uint8))[self.VOCAB_ONLY] = 1
        self.vocabulary = self.library.llama_model_get_vocab(self.library.llama_model_load_from_file(str(file).encode(), parameters))

    def encode(self, text):
        data = text.encode()
        ids = (ctypes.c_int32 * (len(data) + 16))()
        count = self.library.llama_tokenize(self.vocabulary, data, len(data), ids, len(ids), True, True)
        return list(ids[:count])


def gguf_entry(library, texts):
    tokens, scores, types = pieces_of(sentencepiece_model("bpe", user_defined_symbols="[x],<|user|>", **LLAMA))
    if not library:
        return json.loads(GOLDEN.read_text())["gguf"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vocabulary.gguf"
        write_gguf(file, tokens, scores, types)
        llama_cpp = LlamaCpp(library, file)
        ids = [llama_cpp.encode(text) for text in texts]
    return {"tokens": tokens, "scores": scores, "types": types, "ids": ids}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llama-cpp")
    arguments = parser.parse_args()
    texts = TEXTS + MORE_TEXTS + ["[x]a[x] <|user|>b", " [x] ", "a</s>b<s>"]
    models = []
    for name, binary in subjects().items():
        processor = sentencepiece.SentencePieceProcessor(model_proto=binary)
        ids = [processor.encode(text) for text in texts]
        models.append({"name": name, "model": base64.b64encode(binary).decode(), "ids": ids, "decoded": processor.decode(ids)})
    entry = gguf_entry(arguments.llama_cpp, texts)
    rows = ",\n".join(json.dumps(model, separators=(",", ":")) for model in models)
    GOLDEN.write_text(f'{{"texts":{json.dumps(texts)},\n"models":[\n{rows}],\n"gguf":{json.dumps(entry, separators=(",", ":"))}}}\n')


if __name__ == "__main__":
    main()
