#!/usr/bin/env bash
# Installs the Debian packages that some tests need: data sets, a browser, and a Redis. Never fails: on another system, or without
# root, it says what is missing.
set -u
packages=(dataset-fashion-mnist trans-de-en chromium redis-server)

missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done

# One after the other: where one cannot be had, the others still can.
install() {
  export DEBIAN_FRONTEND=noninteractive
  timeout 120 apt-get update -qq
  for package in "$@"; do
    timeout 300 apt-get install -y -qq --no-install-recommends "$package" || failed+=("$package")
  done
}

printf '%-14s ' 'test packages'
if [ ${#missing[@]} -eq 0 ]; then
  echo "installed: ${packages[*]}"
elif ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
  echo "not installed (needs apt-get and root): ${missing[*]}; tests that need them skip"
else
  failed=()
  install "${missing[@]}" >/dev/null 2>&1
  if [ ${#failed[@]} -eq 0 ]; then
    echo "installed now: ${missing[*]}"
  else
    echo "could not be installed: ${failed[*]}; tests that need them skip"
  fi
fi
exit 0
