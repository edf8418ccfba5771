#define _GNU_SOURCE
#include "binary.h"

#include <dlfcn.h>
#include <link.h>

const char *kernel_binary_path(void) {
  Dl_info info;
  struct link_map *map = 0;
  if (!dladdr1((const void *)kernel_binary_path, &info, (void **)&map, RTLD_DL_LINKMAP) || !map) return 0;
  // The loader's name of the executable itself is empty.
  return map->l_name[0] ? map->l_name : "/proc/self/exe";
}
