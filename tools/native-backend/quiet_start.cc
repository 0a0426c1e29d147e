// The addon that Node loads: it loads the real binding beside it, and keeps TensorFlow's start-up notes off the terminal.
//
// TensorFlow writes its oneDNN note while its libraries are being loaded, before it has read TF_CPP_MIN_LOG_LEVEL, so no
// variable silences it (TF_ENABLE_ONEDNN_OPTS=0 does, by turning the faster kernels off). What arrives on stderr in
// that moment is collected here, and all of it but those notes is passed on.
#include <dlfcn.h>
#include <node_api.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr const char* kLogLevel = "TF_CPP_MIN_LOG_LEVEL";

class CollectedStderr {
 public:
  CollectedStderr() : file_(memfd_create("tensorflow-start", MFD_CLOEXEC)) {
    if (file_ < 0) return;
    std::fflush(stderr);
    terminal_ = dup(STDERR_FILENO);
    if (terminal_ >= 0) dup2(file_, STDERR_FILENO);
  }

  ~CollectedStderr() {
    if (terminal_ >= 0) {
      std::fflush(stderr);
      dup2(terminal_, STDERR_FILENO);
      close(terminal_);
      PassOn();
    }
    if (file_ >= 0) close(file_);
  }

 private:
  void PassOn() const {
    const off_t size = lseek(file_, 0, SEEK_END);
    if (size <= 0) return;
    std::string text(static_cast<size_t>(size), '\0');
    if (pread(file_, text.data(), text.size(), 0) != size) return;
    for (size_t start = 0; start < text.size();) {
      const size_t end = std::min(text.find('\n', start), text.size() - 1) + 1;
      const std::string line = text.substr(start, end - start);
      if (!IsNote(line)) std::fputs(line.c_str(), stderr);
      start = end;
    }
  }

  // Abseil's information lines start with I and the month and day in four digits.
  static bool IsNote(const std::string& line) {
    const bool information = line.size() > 5 && line[0] == 'I' && std::isdigit(line[1]) && std::isdigit(line[4]);
    return information || line.rfind("WARNING: All log messages before absl::InitializeLog()", 0) == 0;
  }

  int file_ = -1;
  int terminal_ = -1;
};

void* LoadBinding() {
  Dl_info here;
  if (dladdr(reinterpret_cast<void*>(&LoadBinding), &here) == 0) return nullptr;
  const std::string path(here.dli_fname);
  const std::string binding = path.substr(0, path.rfind('/') + 1) + "tfjs_tensorflow.so";
  if (std::getenv(kLogLevel) != nullptr && std::string(std::getenv(kLogLevel)) < "2") {
    return dlopen(binding.c_str(), RTLD_NOW);  // Somebody wants to read the notes.
  }
  setenv(kLogLevel, "2", 0);
  const CollectedStderr collected;
  return dlopen(binding.c_str(), RTLD_NOW);
}

}  // namespace

NAPI_MODULE_INIT() {
  using Initialize = napi_value (*)(napi_env, napi_value);
  void* binding = LoadBinding();
  void* initialize = binding == nullptr ? nullptr : dlsym(binding, "napi_register_module_v1");
  if (initialize == nullptr) {
    const char* reason = dlerror();
    napi_throw_error(env, nullptr, reason == nullptr ? "TensorFlow's binding could not be loaded" : reason);
    return nullptr;
  }
  return reinterpret_cast<Initialize>(initialize)(env, exports);
}
