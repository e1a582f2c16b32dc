// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/gguf.h"
#include "core/io/tensor_store.h"
#include "core/model/weights.h"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace eigenquant {

/// The unquantized model in a tensor store. The tensor table is checked against the config when it is
/// made: missing tensors, wrong shapes (both named) and tensors that the model does not have are refused.
class DenseSource : public WeightSource {
public:
    static std::shared_ptr<const DenseSource> fromHuggingFace(std::shared_ptr<const TensorStore> store,
                                                              ModelConfig config);
    static std::shared_ptr<const DenseSource> fromGguf(std::shared_ptr<const GgufStore> store);

    const ModelConfig& config() const override { return m_config; }
    OuterWeights smallOuter() const override;
    at::Tensor rows(OuterRole matrix, Words words) const override;
    LayerWeights layer(int index) const override { return layer(index, c10::kCPU); }
    /// The same with the linears' weights on a device: 16-bit ones go to a GPU as they are stored, and are widened
    /// there.
    LayerWeights layer(int index, c10::Device device) const;
    const TensorStore& store() const { return *m_store; }

private:
    DenseSource(std::shared_ptr<const TensorStore> store, ModelConfig config, const TensorNames& names,
                bool gainOffset);
    void checkTensors() const;
    void expect(const std::string& name, const std::vector<std::int64_t>& shape, std::set<std::string>& known) const;
    void refuseUnknown(const std::set<std::string>& known) const;
    const StoredTensor* find(const std::string& name) const;
    at::Tensor read(const std::string& name) const;
    at::Tensor readTo(c10::Device device, const std::string& name) const;
    at::Tensor readGain(const std::string& name) const;
    at::Tensor readOuter(const OuterSpec& spec) const;
    /// The rows of a linear in the matrix that it is stored in.
    at::Tensor rowsOf(const at::Tensor& stored, LinearRole role) const;

    std::shared_ptr<const TensorStore> m_store;
    ModelConfig m_config;
    const TensorNames& m_names;
    bool m_gainOffset;     ///< gains are stored less 1
    bool m_storedNorms;    ///< gains and biases of the residual stream's norms are in the file
    std::string m_root;    ///< what stands in the file where the table of names has "model."
};

} // namespace eigenquant
