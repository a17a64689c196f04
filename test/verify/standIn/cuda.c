/*
 * A stand-in for the CUDA runtime, the driver and what comes with them, as far as ONNX Runtime's CUDA provider needs it to
 * create sessions: one device whose memory is the host's, and on which nothing is ever computed. The provider then says
 * of every node whether it has a kernel for it, on a machine without a GPU. What is not here answers 0, success:
 * `libraries.ts` writes that from the provider's own list of what it needs.
 *
 * Prototypes and numbers: CUDA 13, cuda_runtime_api.h and driver_types.h.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { success = 0, outOfMemory = 2 };
enum { deviceMemory = 2 };
enum { majorCapability = 75, minorCapability = 76, multiprocessors = 16, threadsOfMultiprocessor = 39, warpSize = 10 };

/* cudaDeviceProp: its beginning by name, the rest is zero. */
struct DeviceProperties {
  char name[256];
  char uuid[16];
  char luid[8];
  unsigned int luidDeviceNodeMask;
  size_t totalGlobalMem;
  size_t sharedMemPerBlock;
  int regsPerBlock;
  int warpSize;
  size_t memPitch;
  int maxThreadsPerBlock;
  int maxThreadsDim[3];
  int maxGridSize[3];
  size_t totalConstMem;
  int major;
  int minor;
};
enum { devicePropertiesSize = 1008 };

static const size_t memory = 16ull << 30;
static const int capability[2] = {9, 0};
static const int versionOfCuda = 13000;

static int newHandle(void **handle) {
  static size_t last = 0x1000;
  last += 16;
  *handle = (void *)last;
  return success;
}

int cudaGetDeviceCount(int *count) { *count = 1; return success; }
int cudaGetDevice(int *device) { *device = 0; return success; }
int cudaGetDeviceProperties(void *properties, int device) {
  struct DeviceProperties own;
  memset(properties, 0, devicePropertiesSize);
  memset(&own, 0, sizeof own);
  strcpy(own.name, "stand-in");
  own.totalGlobalMem = memory;
  own.sharedMemPerBlock = 48 << 10;
  own.regsPerBlock = 64 << 10;
  own.warpSize = 32;
  own.maxThreadsPerBlock = 1024;
  for (int axis = 0; axis < 3; axis++) {
    own.maxThreadsDim[axis] = 1024;
    own.maxGridSize[axis] = 65535;
  }
  own.major = capability[0];
  own.minor = capability[1];
  memcpy(properties, &own, sizeof own);
  return success;
}
int cudaDeviceGetAttribute(int *value, int attribute, int device) {
  switch (attribute) {
    case majorCapability: *value = capability[0]; break;
    case minorCapability: *value = capability[1]; break;
    case multiprocessors: *value = 100; break;
    case threadsOfMultiprocessor: *value = 2048; break;
    case warpSize: *value = 32; break;
    default: *value = 48 << 10;
  }
  return success;
}
int cudaRuntimeGetVersion(int *version) { *version = versionOfCuda; return success; }
int cudaDriverGetVersion(int *version) { *version = versionOfCuda; return success; }
const char *cudaGetErrorString(int error) { return "stand-in"; }
const char *cudaGetErrorName(int error) { return "stand-in"; }

int cudaMemGetInfo(size_t *available, size_t *total) { *available = *total = memory; return success; }
int cudaMalloc(void **address, size_t size) { return (*address = calloc(1, size ? size : 1)) ? success : outOfMemory; }
int cudaMallocHost(void **address, size_t size) { return cudaMalloc(address, size); }
int cudaHostAlloc(void **address, size_t size, unsigned int flags) { return cudaMalloc(address, size); }
int cudaFree(void *address) { free(address); return success; }
int cudaFreeHost(void *address) { free(address); return success; }
int cudaMemcpy(void *to, const void *from, size_t size, int kind) { memmove(to, from, size); return success; }
int cudaMemcpyAsync(void *to, const void *from, size_t size, int kind, void *stream) {
  return cudaMemcpy(to, from, size, kind);
}
int cudaMemset(void *address, int value, size_t size) { memset(address, value, size); return success; }
int cudaMemsetAsync(void *address, int value, size_t size, void *stream) { return cudaMemset(address, value, size); }
/* cudaPointerAttributes begins with the memory's type and has 32 bytes. */
int cudaPointerGetAttributes(int *attributes, const void *address) {
  memset(attributes, 0, 32);
  attributes[0] = deviceMemory;
  return success;
}

int cudaStreamCreate(void **stream) { return newHandle(stream); }
int cudaStreamCreateWithFlags(void **stream, unsigned int flags) { return newHandle(stream); }
int cudaEventCreate(void **event) { return newHandle(event); }
int cudaEventCreateWithFlags(void **event, unsigned int flags) { return newHandle(event); }
int cudaStreamIsCapturing(void *stream, int *status) { *status = 0; return success; }
int cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *blocks) { *blocks = 8; return success; }

/* Kernels are registered while the library is loaded. */
void **__cudaRegisterFatBinary(void *binary) {
  static void *handle[4];
  return handle;
}
int __cudaGetKernel(void **kernel) { return newHandle(kernel); }
int cudaLibraryLoadData(void **library) { return newHandle(library); }
int cudaLibraryGetKernel(void **kernel) { return newHandle(kernel); }
int cudaGetDriverEntryPointByVersion(const char *name, void **function) { *function = NULL; return success; }

int cublasCreate_v2(void **handle) { return newHandle(handle); }
int cublasLtCreate(void **handle) { return newHandle(handle); }
int cudnnCreate(void **handle) { return newHandle(handle); }
size_t cudnnGetVersion(void) { return 92000; }
const char *cudnnGetErrorString(int status) { return "stand-in"; }
