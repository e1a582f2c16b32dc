// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/named_records.h"
#include "core/io/safetensors_draft.h"
#include "core/model/weights.h"
#include "core/quant/quantize_layer.h"
#include "core/results/plan.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace eigenquant {

/// The packed checkpoint, a folder of
///   manifest.json      format and version, plan, outcomes, where it came from
///   config.json        the model's shape, as Hugging Face writes it
///   tokenizer.json     the model's tokenizer
///   model.safetensors  the tensors:
///     embedding, head (absent where tied)    F16 [vocab, hidden], or narrower where the next two are
///     project_in, project_out, positions     F16, of models that have them
///     final_norm, final_norm_bias            F32 [hidden]; gains are what activations are multiplied with
///     layers.N.attention_norm, .mlp_norm     F32 [hidden]; with _bias behind, and attention_out_norm, mlp_out_norm,
///                                            query_norm, key_norm, of models that have them
///     layers.N.SITE.rotation                 F16 [channels, channels]: linears of the site read x·R
///     layers.N.SITE.signs, .block            U8, F16: a Hadamard transform in place of R; see hadamard.h
///     layers.N.ROLE.bias                     F32 [out]
///   a linear left alone
///     layers.N.ROLE.salient                  F16 [out, in]
///   on a uniform grid; channels that are not salient lie in the codes by rising channel of the site's basis
///     layers.N.ROLE.codes                    U8 [out, bytes], kernels/layout/bit_packing.h
///     layers.N.ROLE.scales                   F16 [out, groups]
///     layers.N.ROLE.zeros                    U8 [out, bytes], packed like the codes; absent if symmetric
///     layers.N.ROLE.salient                  F16 [out, K]
///     layers.N.ROLE.salient_index            I32 [K]; absent where these are the first K channels
///   cmpq: see cmpq.h; etq: see etq.h
/// Where the plan turns the residual stream, embedding, head, norms and linears are those of the turned model.
inline constexpr const char* kPackedFormat = "eigenquant-packed";
inline constexpr int kPackedVersion = 2;

/// Writes `model.safetensors` of a packed checkpoint layer by layer.
class PackedWriter {
public:
    /// Goes on with a file of the same config and plan; throws as SafetensorsDraft does.
    PackedWriter(const std::filesystem::path& folder, const ModelConfig& config, const Plan& plan);
    /// For a process of a job whose first process writes the file: what is written is kept as records.
    PackedWriter(const ModelConfig& config, const Plan& plan) : m_config(config), m_plan(plan) {}
    std::vector<std::byte> takeRecords() { return m_records.take(); }
    /// Writes what another process kept.
    void writeRecords(std::span<const std::byte> records);
    /// Whether there was such a file.
    bool wentOn() const { return m_draft && m_draft->wentOn(); }
    /// `outer` is stored in FP16, norms in float32.
    void writeOuter(const WeightSource& source);
    void write(int layer, const PackedLayer& packed);
    /// A layer was written whole before.
    void trust(int layer);
    /// What was written is on the disk.
    void sync() { m_draft->sync(); }
    void finish() { m_draft->finish(); }

private:
    void write(const std::string& name, const at::Tensor& tensor);
    void put(const std::string& name, std::span<const std::byte> bytes);
    ModelConfig m_config;
    Plan m_plan;
    std::optional<SafetensorsDraft> m_draft; ///< none: records instead
    NamedRecords m_records;
};

/// The tensors of `model.safetensors`, in the order of the file.
std::vector<TensorSpec> packedTensorSpecs(const ModelConfig& config, const Plan& plan);
/// The bytes that `model.safetensors` of such a checkpoint will take.
std::uint64_t packedFileSize(const ModelConfig& config, const Plan& plan);

/// Whether a folder is a packed checkpoint: it has a manifest of this format.
bool isPackedCheckpoint(const std::filesystem::path& folder);

/// A packed checkpoint, opened and checked: versions, shapes and index ranges. Error::invalid names file and
/// field or tensor; Error::unsupported a version that is not known.
class PackedSource : public WeightSource {
public:
    static std::shared_ptr<const PackedSource> open(const std::filesystem::path& folder);

    const ModelConfig& config() const override { return m_config; }
    OuterWeights smallOuter() const override;
    at::Tensor rows(OuterRole matrix, Words words) const override;
    /// Weights in the bases they are stored in, with the run-time rotations beside them.
    LayerWeights layer(int index) const override;
    /// The layer as it is stored.
    PackedLayer packedLayer(int index) const;
    /// The same model without rotations: every weight brought back to the original basis of its inputs.
    LayerWeights layerInOriginalBasis(int index) const;

    const Plan& plan() const { return m_plan; }
    const TensorStore& store() const { return *m_store; }
    const std::string& modelName() const { return m_modelName; }

private:
    PackedSource() = default;
    PackedLinear linear(LinearId id) const;
    void readVectors(int layer, LayerVectors& vectors) const;
    std::map<std::string, at::Tensor> siteTensors(SiteId id) const;
    void checkSalientIndex(const PackedLinear& linear) const;
    void checkTensors(const std::filesystem::path& folder) const;
    at::Tensor read(const std::string& name) const;

    std::shared_ptr<const TensorStore> m_store;
    ModelConfig m_config;
    Plan m_plan;
    std::string m_modelName;
};

} // namespace eigenquant
