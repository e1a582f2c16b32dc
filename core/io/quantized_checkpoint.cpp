// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/quantized_checkpoint.h"

#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/io/shard_name.h"
#include "core/io/strict_json.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace eigenquant {

namespace {

/// A method by its word in `quant_method`.
struct Method {
    std::string_view word;
    std::string_view name;
};
constexpr std::array kMethods{Method{"gptq", "GPTQ"},
                              Method{"awq", "AWQ"},
                              Method{"bitsandbytes", "bitsandbytes"},
                              Method{"compressed-tensors", "compressed-tensors"},
                              Method{"compressed_tensors", "compressed-tensors"},
                              Method{"fp8", "FP8"},
                              Method{"fbgemm_fp8", "FP8 (FBGEMM)"},
                              Method{"hqq", "HQQ"},
                              Method{"aqlm", "AQLM"},
                              Method{"quanto", "Quanto"},
                              Method{"eetq", "EETQ"},
                              Method{"higgs", "HIGGS"},
                              Method{"spqr", "SpQR"},
                              Method{"vptq", "VPTQ"},
                              Method{"auto-round", "AutoRound"},
                              Method{"bitnet", "BitNet"},
                              Method{"mxfp4", "MXFP4"},
                              Method{"torchao", "torchao"},
                              Method{"quark", "Quark"},
                              Method{"modelopt", "ModelOpt"},
                              Method{"exl2", "EXL2"},
                              Method{"exl3", "EXL3"}};

/// How the tensors of a method end, which no plain checkpoint has.
struct Mark {
    std::string_view ending;
    std::string_view name;
};
constexpr std::array kMarks{Mark{".qweight", "GPTQ or AWQ"},
                            Mark{".qzeros", "GPTQ or AWQ"},
                            Mark{".g_idx", "GPTQ"},
                            Mark{".q_weight", "EXL2"},
                            Mark{".absmax", "bitsandbytes"},
                            Mark{".quant_map", "bitsandbytes"},
                            Mark{".nested_absmax", "bitsandbytes"},
                            Mark{".quant_state.bitsandbytes__nf4", "bitsandbytes"},
                            Mark{".quant_state.bitsandbytes__fp4", "bitsandbytes"},
                            Mark{".SCB", "bitsandbytes (8 bits)"},
                            Mark{".weight_packed", "compressed-tensors"},
                            Mark{".weight_shape", "compressed-tensors"},
                            Mark{".weight_zero_point", "compressed-tensors"},
                            Mark{".weight_scale", "compressed-tensors or FP8"},
                            Mark{".weight_scale_inv", "FP8"},
                            Mark{".input_scale", "FP8"},
                            Mark{".W_q", "HQQ"},
                            Mark{".codebooks", "AQLM"}};

Error alreadyQuantized(std::string_view method)
{
    const std::string by = method.empty() ? "" : " by " + std::string(method);
    Error error = Error::unsupported("the checkpoint is already quantized" + by +
                                     ", and quantizing it again would only add errors");
    error.expected("weights in F32, F16 or BF16").hint("open the checkpoint that it was made from, in 16 bits or more");
    return error;
}

std::string nameOf(const std::string& word)
{
    const auto known = std::ranges::find(kMethods, word, &Method::word);
    return known == kMethods.end() ? printable(word, 40) : std::string(known->name);
}

bool isInteger(StoredType type)
{
    return type == StoredType::I8 || type == StoredType::U8 || type == StoredType::I16 || type == StoredType::I32;
}

} // namespace

void refuseQuantizedConfig(const nlohmann::json& config, const std::filesystem::path& file)
{
    const JsonObject json(config, file);
    for (const char* key : {"quantization_config", "compression_config"}) {
        if (!json.has(key))
            continue;
        const nlohmann::json& settings = json.raw().at(key);
        std::string word;
        for (const char* field : {"quant_method", "quantization_method", "quant_algo"})
            if (word.empty() && settings.is_object() && settings.contains(field) && settings[field].is_string())
                word = settings[field].get<std::string>();
        // bitsandbytes did not always write its name.
        if (word.empty() && settings.is_object() &&
            (settings.contains("load_in_4bit") || settings.contains("load_in_8bit")))
            word = "bitsandbytes";
        throw alreadyQuantized(word.empty() ? "" : nameOf(word)).file(file.string()).field(key);
    }
}

void refuseQuantizedFolder(const std::filesystem::path& folder)
{
    constexpr std::array kFiles{Method{"quantize_config.json", "GPTQ"}, Method{"quant_config.json", "AWQ"},
                                Method{"hf_quant_config.json", "ModelOpt"}};
    for (const Method& file : kFiles)
        if (fileExists(folder / file.word))
            throw alreadyQuantized(file.name).file((folder / file.word).string());
}

void refuseQuantizedTensors(const TensorStore& store)
{
    for (const StoredTensor& tensor : store.tensors()) {
        const auto mark = std::ranges::find_if(
            kMarks, [&](const Mark& candidate) { return tensor.name.ends_with(candidate.ending); });
        const bool packed = tensor.name.ends_with(".weight") && isInteger(tensor.type);
        if (mark == kMarks.end() && !packed)
            continue;
        throw alreadyQuantized(mark == kMarks.end() ? "" : mark->name)
            .file(store.files()[tensor.fileIndex].string())
            .field(printable(tensor.name))
            .found(std::string(name(tensor.type)));
    }
}

} // namespace eigenquant
