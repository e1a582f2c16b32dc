// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/hf_export.h"
#include "core/io/atomic_output.h"
#include "core/session/memory_plan.h"
#include "core/session/model_assets.h"
#include "core/session/session.h"

#include <algorithm>

namespace eigenquant {
namespace {

namespace fs = std::filesystem;

StoredType exportType(const std::string& word)
{
    if (word == "f32")
        return StoredType::F32;
    if (word == "f16")
        return StoredType::F16;
    if (word == "bf16")
        return StoredType::BF16;
    throw Error::usage("unknown dtype").field("dtype").found("\"" + word + "\"").expected("f32, f16 or bf16");
}

} // namespace

ExportResult exportCheckpoint(const fs::path& checkpoint, const ExportOptions& options, const RunContext& context)
{
    if (options.format != "hf")
        throw Error::unsupported("unknown export format")
            .field("format")
            .found("\"" + options.format + "\"")
            .expected("hf");
    const StoredType type = exportType(options.dtype);
    const ModelAssets assets = openModelAssets(checkpoint.string());
    if (!assets.packed)
        throw Error::usage("not a packed checkpoint").file(checkpoint.string()).hint(
            "`eigenquant quantize` writes one; an unquantized model needs no export");
    requireRam(exportWork(assets.source->config()), memoryLimits(options.maxRamBytes, 0, {}));
    constexpr std::uint64_t slack = 64ull << 20; // config and tokenizer
    AtomicOutput output(options.out, AtomicOutput::Kind::Folder, options.overwrite, {checkpoint},
                        huggingFaceBytes(assets.source->config(), type) + slack);
    writeHuggingFace(*assets.packed, output.path(), type, assets.tokenizerFiles(), context);

    ExportResult result;
    result.directory = options.out.string();
    result.loadsIn = {"transformers", "vLLM", "llama.cpp (convert_hf_to_gguf.py)"};
    for (const auto& entry : fs::directory_iterator(output.path())) {
        result.files.push_back(entry.path().filename().string());
        result.bytes += entry.file_size();
    }
    std::sort(result.files.begin(), result.files.end());
    context.checkpoint();
    output.commit();
    return result;
}

} // namespace eigenquant
