// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/common/cublas.h"
#include "kernels/common/launch.cuh"
#include "kernels/decode/decode_kernels.h"

#include <cublas_v2.h>
#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

/// cuBLAS is large and most programs that need it have it in memory already (libtorch brings it), so it is looked for
/// when it is first needed, and the program starts without it.
namespace eigenquant::kernels {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWorkspaceBytes = 32 << 20; ///< what NVIDIA recommends for Hopper
constexpr const char* kLibrary = "libcublas.so.13";
constexpr const char* kLightLibrary = "libcublasLt.so.13";

/// The folders of NVIDIA's Python packages beside a loaded libtorch: torch/lib/../../nvidia/*/lib.
std::vector<fs::path> foldersBesideTorch()
{
    std::string torch;
    dl_iterate_phdr(
        [](dl_phdr_info* object, std::size_t, void* found) {
            const fs::path path = object->dlpi_name;
            if (path.filename().string().rfind("libtorch", 0) != 0)
                return 0;
            *static_cast<std::string*>(found) = path.string();
            return 1;
        },
        &torch);
    std::vector<fs::path> folders;
    std::error_code none;
    if (!torch.empty())
        for (const fs::directory_entry& package :
             fs::directory_iterator(fs::path(torch).parent_path() / "../../nvidia", none))
            folders.push_back(package.path() / "lib");
    return folders;
}

void* openLibrary()
{
    if (const char* named = std::getenv("EIGENQUANT_CUBLAS"); named && *named) {
        if (void* library = dlopen(named, RTLD_NOW | RTLD_LOCAL))
            return library;
        throw GpuError(GpuError::Kind::Unavailable,
                       std::string("cuBLAS cannot be loaded from EIGENQUANT_CUBLAS: ") + dlerror());
    }
    if (void* library = dlopen(kLibrary, RTLD_NOW | RTLD_NOLOAD))
        return library;
    if (void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL))
        return library;
    const std::string reason = dlerror();
    for (const fs::path& folder : foldersBesideTorch()) {
        // The one needs the other, and finds it by its name once it is loaded.
        (void)dlopen((folder / kLightLibrary).c_str(), RTLD_NOW | RTLD_LOCAL);
        if (void* library = dlopen((folder / kLibrary).c_str(), RTLD_NOW | RTLD_LOCAL))
            return library;
    }
    throw GpuError(GpuError::Kind::Unavailable,
                   "cuBLAS 13 is not found, neither by its name nor beside libtorch (" + reason +
                       "); EIGENQUANT_CUBLAS may name its file");
}

/// The functions that are used here.
struct Cublas {
    decltype(&cublasCreate_v2) create;
    decltype(&cublasSetStream_v2) setStream;
    decltype(&cublasSetWorkspace_v2) setWorkspace;
    decltype(&cublasSetMathMode) setMathMode;
    cublasStatus_t (*gemm)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int, int, const void*,
                           const void*, cudaDataType, int, const void*, cudaDataType, int, const void*, void*,
                           cudaDataType, int, cublasComputeType_t, cublasGemmAlgo_t);
};

template <class Function>
void find(void* library, const char* name, Function& function)
{
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (!function)
        throw GpuError(GpuError::Kind::Unavailable, std::string("this cuBLAS has no ") + name);
}

const Cublas& cublas()
{
    static const Cublas loaded = [] { // after a failure, the next call tries again
        void* library = openLibrary();
        Cublas functions{};
        find(library, "cublasCreate_v2", functions.create);
        find(library, "cublasSetStream_v2", functions.setStream);
        find(library, "cublasSetWorkspace_v2", functions.setWorkspace);
        find(library, "cublasSetMathMode", functions.setMathMode);
        find(library, "cublasGemmEx", functions.gemm);
        return functions;
    }();
    return loaded;
}

void checkCublas(cublasStatus_t status, const char* what)
{
    if (status == CUBLAS_STATUS_SUCCESS)
        return;
    const GpuError::Kind kind =
        status == CUBLAS_STATUS_ALLOC_FAILED ? GpuError::Kind::OutOfMemory : GpuError::Kind::Failed;
    throw GpuError(kind, std::string(what) + ": cuBLAS status " + std::to_string(static_cast<int>(status)));
}

struct Handle {
    cublasHandle_t handle = nullptr;
    GpuBuffer workspace;
};

/// Handles are made once and never destroyed: a recorded graph holds the address of the workspace, and may outlive the
/// thread that recorded it. A thread that ends leaves its handles to the next.
class HandlePool {
public:
    static HandlePool& instance()
    {
        static HandlePool* const pool = new HandlePool; // outlives every thread
        return *pool;
    }

    std::unique_ptr<Handle> take(int device)
    {
        {
            const std::lock_guard lock(m_mutex);
            std::vector<std::unique_ptr<Handle>>& free = m_free[device];
            if (!free.empty()) {
                std::unique_ptr<Handle> handle = std::move(free.back());
                free.pop_back();
                return handle;
            }
        }
        auto handle = std::make_unique<Handle>();
        handle->workspace = GpuBuffer(kWorkspaceBytes);
        checkCublas(cublas().create(&handle->handle), "making a cuBLAS handle");
        // Partial sums stay float32 until the last is added, as in every other product here.
        checkCublas(cublas().setMathMode(handle->handle, CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION),
                    "setting cuBLAS's precision");
        return handle;
    }

    void giveBack(int device, std::unique_ptr<Handle> handle)
    {
        const std::lock_guard lock(m_mutex);
        m_free[device].push_back(std::move(handle));
    }

private:
    std::mutex m_mutex;
    std::map<int, std::vector<std::unique_ptr<Handle>>> m_free;
};

/// The calling thread's, by GPU.
struct ThreadHandles {
    std::map<int, std::unique_ptr<Handle>> byDevice;
    ~ThreadHandles()
    {
        for (auto& [device, handle] : byDevice)
            HandlePool::instance().giveBack(device, std::move(handle));
    }
};

Handle& currentHandle()
{
    thread_local ThreadHandles handles;
    int device = 0;
    check(cudaGetDevice(&device), "asking for the current GPU");
    std::unique_ptr<Handle>& handle = handles.byDevice[device];
    if (!handle)
        handle = HandlePool::instance().take(device);
    return *handle;
}

int leading(std::int64_t stride)
{
    if (stride < 1 || stride > std::numeric_limits<int>::max())
        throw std::invalid_argument("product: rows are " + std::to_string(stride) + " elements apart");
    return static_cast<int>(stride);
}

} // namespace

void prepareDenseGemm()
{
    (void)currentHandle();
}

/// cuBLAS means columns where we mean rows: its y' [n, m] with leading dimension yStride is our y [m, n]. In the same
/// way our w [n, k] is its w' [k, n], to be transposed, and our x [m, k] its x' [k, m], as it is: y' = w'ᵀ·x'.
void denseGemm(const DenseGemmParams& params, Stream stream)
{
    if (params.m < 1 || params.n < 1)
        return;
    Handle& handle = currentHandle();
    checkCublas(cublas().setStream(handle.handle, stream), "setting cuBLAS's stream");
    // Setting the stream takes the workspace away.
    checkCublas(cublas().setWorkspace(handle.handle, handle.workspace.data(), handle.workspace.size()),
                "setting cuBLAS's workspace");
    const cudaDataType_t type = params.element == Element::F16 ? CUDA_R_16F : CUDA_R_16BF;
    const float one = 1, zero = 0;
    const cudaDataType_t outType = params.floatOut ? CUDA_R_32F : type;
    checkCublas(cublas().gemm(handle.handle, CUBLAS_OP_T, CUBLAS_OP_N, params.n, params.m, params.k, &one, params.w,
                              type, leading(params.wStride), params.x, type, leading(params.xStride), &zero, params.y,
                              outType, leading(params.yStride), CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT),
                "cuBLAS product");
}

} // namespace eigenquant::kernels
